#include "store/login_transactions.h"

namespace sekisho::store {

Result<void> LoginTransactions::add(const Digest& id_hash, const LoginTransaction& transaction) {
  const auto added = database_.run(
      "INSERT INTO login_transactions (id_hash, terminal_id, claimed_user, service, tty, "
      "remote_host, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      ByteView(id_hash), transaction.terminal, transaction.claimed_user, transaction.service,
      transaction.tty, transaction.remote_host, transaction.expires_at);
  if (!added) return fail(added.error());
  return {};
}

Result<std::optional<LoginTransaction>> LoginTransactions::take(const Digest& id_hash,
                                                                TerminalId terminal, Instant now) {
  auto taken = database_.first(
      "DELETE FROM login_transactions WHERE id_hash = ? AND terminal_id = ? "
      "RETURNING terminal_id, claimed_user, service, tty, remote_host, expires_at",
      [](const Row& row) {
        return LoginTransaction{{row.integer(0)}, row.text(1), row.text(2),
                                row.text(3),      row.text(4), row.instant(5)};
      },
      ByteView(id_hash), terminal);
  if (!taken) return fail(taken.error());
  if (*taken && (*taken)->expires_at <= now) return std::optional<LoginTransaction>();
  return *std::move(taken);
}

Result<std::int64_t> LoginTransactions::count(TerminalId terminal, Instant now) {
  const auto count = database_.first(
      "SELECT count(*) FROM login_transactions WHERE terminal_id = ? AND expires_at > ?",
      [](const Row& row) { return row.integer(0); }, terminal, now);
  if (!count) return fail(count.error());
  return count->value_or(0);
}

Result<std::int64_t> LoginTransactions::purge(Instant now) {
  return database_.run("DELETE FROM login_transactions WHERE expires_at <= ?", now);
}

}  // namespace sekisho::store
