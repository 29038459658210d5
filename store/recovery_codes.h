// Recovery codes: a set at a time, each good once.  Only hashes are kept.

#ifndef SEKISHO_STORE_RECOVERY_CODES_H_
#define SEKISHO_STORE_RECOVERY_CODES_H_

#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

namespace sekisho::store {

// What the codes of one set have in common (authn/factors/recovery_code.h).
struct RecoverySet {
  Bytes salt;
  std::string key_id;  // the keyring's key they were keyed with
};

class RecoveryCodes {
 public:
  explicit RecoveryCodes(Database& database) : database_(database) {}

  // Replaces every code the user had.
  Result<void> replace(UserId user, const RecoverySet& set, const std::vector<Bytes>& hashes,
                       Instant now);
  // The user's set, or nullopt when there is none.
  Result<std::optional<RecoverySet>> set(UserId user);
  // Marks the code with this hash used, in one statement.  False: no such code, or used.
  Result<bool> consume(UserId user, const Bytes& hash, Instant now);
  Result<std::int64_t> remaining(UserId user);

 private:
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_RECOVERY_CODES_H_
