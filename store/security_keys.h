// Security keys: what was registered (WebAuthn Level 3 section 4, "credential record"), under a tag
// that shows when a row was changed behind our back, and what is learnt at each use.

#ifndef SEKISHO_STORE_SECURITY_KEYS_H_
#define SEKISHO_STORE_SECURITY_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyring.h"
#include "store/database.h"

namespace sekisho::store {

struct SecurityKey {
  SecurityKeyId id;
  UserId user;
  std::string label;                 // 1..64 characters
  Bytes credential_id;               // 1..1023 bytes
  int algorithm = 0;                 // COSE: -7, -8, -35
  Bytes public_key;                  // bare coordinates
  Bytes aaguid;                      // 16 bytes
  std::string attestation = "none";  // or "self", "unanchored", "anchored"
  std::string transports;            // "usb,nfc"
  bool is_backup_eligible = false;
  bool is_backed_up = false;
  bool is_verifying = false;  // it verified its holder when it was bound (uvInitialized)
  std::uint32_t sign_count = 0;
  Instant added_at;
  std::string added_from;  // an address, or "console"
  std::optional<Instant> last_used_at;
  std::string last_used_from;
  std::optional<Instant> suspected_at;  // its counter failed to grow
};

// What an accepted assertion told (section 7.2 step 24).
struct KeyUse {
  std::uint32_t sign_count = 0;
  bool is_backed_up = false;
  std::string from;
  bool is_suspected = false;  // the counter did not grow, and policy goes on all the same
};

class SecurityKeys {
 public:
  SecurityKeys(Database& database, const Keyring* keyring, const Bytes& store_id)
      : database_(database), keyring_(keyring), store_id_(store_id) {}

  // `key.id` and what is learnt by use is ignored.  kAlreadyExists: the credential is somebody's
  // already (section 7.1 step 26).
  Result<SecurityKeyId> add(const SecurityKey& key);

  // For views: nothing is promised of the rows.
  Result<std::vector<SecurityKey>> list(UserId user);
  Result<std::optional<SecurityKey>> find(SecurityKeyId id);
  // Whose credential it is.
  Result<std::optional<UserId>> owner(ByteView credential_id);

  // For deciding: kCorrupt when the row is not as it was registered, kDenied without a key.
  Result<std::optional<SecurityKey>> find_for_login(ByteView credential_id);

  // Remembers a use and moves the counter on, in one statement.  False: the counter did not grow
  // (and `use.is_suspected` does not allow that), or the key is gone.
  Result<bool> note_use(SecurityKeyId id, const KeyUse& use, Instant now);

  // Remembers that a use was refused because the counter did not grow.
  Result<void> note_suspicion(SecurityKeyId id, Instant now);
  // The keys of all users whose counter ever failed to grow.
  Result<std::vector<SecurityKey>> suspected();

  // False: no such key.
  Result<bool> rename(SecurityKeyId id, std::string_view label);
  Result<bool> remove(SecurityKeyId id);

 private:
  Result<Bytes> tag(std::string_view key_id, const SecurityKey& key);

  Database& database_;
  const Keyring* keyring_;  // nullptr: opened without a key
  const Bytes& store_id_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_SECURITY_KEYS_H_
