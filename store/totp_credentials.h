// TOTP credentials: sealed seeds, their drift, and the promise "accepted once, ever".

#ifndef SEKISHO_STORE_TOTP_CREDENTIALS_H_
#define SEKISHO_STORE_TOTP_CREDENTIALS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyring.h"
#include "base/random.h"
#include "base/secret.h"
#include "store/database.h"

namespace sekisho::store {

// How far the token's clock is from ours, as learnt: authn/drift.h.
struct Drift {
  int steps = 0;   // ahead (+) or behind (-)
  int behind = 0;  // codes in a row that were found behind that
};

struct TotpCredential {
  TotpCredentialId id;
  UserId user;
  std::string label;
  std::string algorithm;  // "SHA1", "SHA256", "SHA512"
  int digits = 6;
  int period = 30;  // seconds
  std::int64_t last_step = -1;
  Drift drift;
  Instant created_at;
  std::optional<Instant> confirmed_at;
  std::optional<Instant> last_used_at;
};

struct NewTotpCredential {
  UserId user;
  std::string label;
  std::string algorithm;
  int digits = 6;
  int period = 30;
  bool is_confirmed = false;
};

class TotpCredentials {
 public:
  TotpCredentials(Database& database, const Keyring* keyring, Random* random, const Bytes& store_id,
                  const std::string& first_key_id)
      : database_(database),
        keyring_(keyring),
        random_(random),
        store_id_(store_id),
        first_key_id_(first_key_id) {}

  // Seals the seed under the current key, bound to its row.  kAlreadyExists when the same seed
  // is already somebody's (requirements J-07).  A seed that was removed earlier goes on after the
  // newest step it ever accepted.
  Result<TotpCredentialId> add(const NewTotpCredential& credential, const Secret& secret,
                               Instant now);

  Result<std::vector<TotpCredential>> list(UserId user);
  Result<std::optional<TotpCredential>> find(TotpCredentialId id);
  // kCorrupt when the row was changed or the key is another one.
  Result<Secret> secret(TotpCredentialId id);

  // Accepts `step` if it is newer than every step accepted before, and marks it used, in one
  // statement.  False: this step, or a later one, was already used.  Nothing else may say yes to
  // a TOTP code (RFC 6238 section 5.2).  `drift` is remembered with it.
  Result<bool> consume_step(TotpCredentialId id, std::int64_t step, Drift drift, Instant now);

  Result<void> confirm(TotpCredentialId id, Instant now);
  Result<bool> remove(TotpCredentialId id);

 private:
  // Never changes, else a seed could come back under another hash after a change of keys.
  Result<Secret> secret_hash_key();
  Database& database_;
  const Keyring* keyring_;  // nullptr: opened without a key
  Random* random_;
  const Bytes& store_id_;
  const std::string& first_key_id_;  // the key the store was made with
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_TOTP_CREDENTIALS_H_
