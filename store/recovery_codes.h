// Recovery codes: a set at a time, each good once.  Only hashes are kept.

#ifndef SEKISHO_STORE_RECOVERY_CODES_H_
#define SEKISHO_STORE_RECOVERY_CODES_H_

#include <optional>
#include <vector>

#include "store/database.h"

namespace sekisho::store {

class RecoveryCodes {
 public:
  explicit RecoveryCodes(Database& database) : database_(database) {}

  // Replaces every code the user had.  The hashes share `salt` (authn/factors/recovery_code.h).
  Result<void> replace(UserId user, const Bytes& salt, const std::vector<Bytes>& hashes,
                       Instant now);
  // The salt of the user's set, or nullopt when there is none.
  Result<std::optional<Bytes>> salt(UserId user);
  // Marks the code with this hash used, in one statement.  False: no such code, or used.
  Result<bool> consume(UserId user, const Bytes& hash, Instant now);
  Result<std::int64_t> remaining(UserId user);

 private:
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_RECOVERY_CODES_H_
