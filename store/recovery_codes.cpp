#include "store/recovery_codes.h"

namespace sekisho::store {

Result<void> RecoveryCodes::replace(UserId user, const RecoverySet& set,
                                    const std::vector<Bytes>& hashes, Instant now) {
  Result<Transaction> transaction = Transaction::begin(database_);
  if (!transaction) return fail(transaction.error());
  if (auto gone = database_.run("DELETE FROM recovery_codes WHERE user_id = ?", user); !gone) {
    return fail(gone.error());
  }
  for (const Bytes& hash : hashes) {
    const auto added = database_.run(
        "INSERT INTO recovery_codes (user_id, salt, key_id, hash, issued_at) "
        "VALUES (?, ?, ?, ?, ?)",
        user, set.salt, set.key_id, hash, now);
    if (!added) return fail(added.error());
  }
  return transaction->commit();
}

Result<std::optional<RecoverySet>> RecoveryCodes::set(UserId user) {
  return database_.first(
      "SELECT salt, key_id FROM recovery_codes WHERE user_id = ? LIMIT 1",
      [](const Row& row) {
        return RecoverySet{row.blob(0), row.text(1)};
      },
      user);
}

Result<bool> RecoveryCodes::consume(UserId user, const Bytes& hash, Instant now) {
  const auto changed = database_.run(
      "UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND hash = ? AND used_at IS NULL",
      now, user, hash);
  if (!changed) return fail(changed.error());
  return *changed == 1;
}

Result<std::int64_t> RecoveryCodes::remaining(UserId user) {
  const auto count = database_.first(
      "SELECT count(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL",
      [](const Row& row) { return row.integer(0); }, user);
  if (!count) return fail(count.error());
  return count->value_or(0);
}

}  // namespace sekisho::store
