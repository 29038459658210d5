#include "store/enrolment_codes.h"

namespace sekisho::store {

Result<void> EnrolmentCodes::set(UserId user, std::string_view key_id, const Digest& hash,
                                 Instant expires_at) {
  const auto done = database_.run(
      "INSERT INTO enrolment_codes (user_id, key_id, hash, expires_at) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (user_id) DO UPDATE SET key_id = excluded.key_id, hash = excluded.hash, "
      "expires_at = excluded.expires_at",
      user, key_id, ByteView(hash), expires_at);
  if (!done) return fail(done.error());
  return {};
}

Result<std::optional<std::string>> EnrolmentCodes::key_id(UserId user) {
  return database_.first(
      "SELECT key_id FROM enrolment_codes WHERE user_id = ?",
      [](const Row& row) { return row.text(0); }, user);
}

Result<bool> EnrolmentCodes::consume(UserId user, const Digest& hash, Instant now) {
  const auto taken =
      database_.run("DELETE FROM enrolment_codes WHERE user_id = ? AND hash = ? AND expires_at > ?",
                    user, ByteView(hash), now);
  if (!taken) return fail(taken.error());
  return *taken == 1;
}

}  // namespace sekisho::store
