// Enrolment codes: one for a user at a time, good once, for minutes.  Only a keyed hash is kept.

#ifndef SEKISHO_STORE_ENROLMENT_CODES_H_
#define SEKISHO_STORE_ENROLMENT_CODES_H_

#include <optional>
#include <string>

#include "base/digest.h"
#include "store/database.h"

namespace sekisho::store {

class EnrolmentCodes {
 public:
  explicit EnrolmentCodes(Database& database) : database_(database) {}

  // Replaces the code the user had.
  Result<void> set(UserId user, std::string_view key_id, const Digest& hash, Instant expires_at);
  // With which key the user's code was keyed; nullopt when there is none, expired or not.
  Result<std::optional<std::string>> key_id(UserId user);
  // Takes the code away if it is the user's and not expired, in one statement.  False: it is not.
  Result<bool> consume(UserId user, const Digest& hash, Instant now);

 private:
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_ENROLMENT_CODES_H_
