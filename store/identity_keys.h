// The keys that sign identity tokens, their private halves sealed.  When which of them signs is
// decided in authn/identity_keys.h.

#ifndef SEKISHO_STORE_IDENTITY_KEYS_H_
#define SEKISHO_STORE_IDENTITY_KEYS_H_

#include <optional>
#include <string>
#include <vector>

#include "base/keyring.h"
#include "base/random.h"
#include "base/secret.h"
#include "store/database.h"

namespace sekisho::store {

struct IdentityKey {
  IdentityKeyId id;
  std::string kid;     // the thumbprint of the public key (RFC 7638)
  Instant created_at;  // published from then on
  Instant signs_from;
  std::optional<Instant> retires_at;  // published until then
};

class IdentityKeys {
 public:
  IdentityKeys(Database& database, const Bytes& store_id)
      : database_(database), store_id_(store_id) {}

  // Seals the private key under the keyring's current key, bound to its row.  `key.id` is ignored.
  Result<IdentityKeyId> add(const IdentityKey& key, const Secret& private_key,
                            const Keyring& keyring, Random& random);
  // The one that signs from earliest on first.
  Result<std::vector<IdentityKey>> list();
  // kCorrupt when the row was changed or the keyring's key is another one.
  Result<Secret> private_key(IdentityKeyId id, const Keyring& keyring);
  // Every key but this one retires at `at`, unless it does before.
  Result<void> retire_all_but(IdentityKeyId successor, Instant at);
  // Forgets keys that retired by `now`; what they were.
  Result<std::vector<IdentityKey>> forget_retired(Instant now);

 private:
  Database& database_;
  const Bytes& store_id_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_IDENTITY_KEYS_H_
