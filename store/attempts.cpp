#include "store/attempts.h"

namespace sekisho::store {

Result<AttemptCount> Attempts::count(const AttemptKey& key) {
  const auto count = database_.first(
      "SELECT failures, last_failure_at, blocked_until FROM attempts "
      "WHERE subject = ? AND factor = ? AND source = ?",
      [](const Row& row) {
        return AttemptCount{row.integer(0), row.instant(1), row.instant(2)};
      },
      key.subject, key.factor, key.source);
  if (!count) return fail(count.error());
  return count->value_or(AttemptCount{});
}

Result<void> Attempts::set(const AttemptKey& key, const AttemptCount& count) {
  const auto done = database_.run(
      "INSERT INTO attempts (subject, factor, source, failures, last_failure_at, blocked_until) "
      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (subject, factor, source) DO UPDATE SET "
      "failures = excluded.failures, last_failure_at = excluded.last_failure_at, "
      "blocked_until = excluded.blocked_until",
      key.subject, key.factor, key.source, count.failures, count.last_failure_at,
      count.blocked_until);
  if (!done) return fail(done.error());
  return {};
}

Result<void> Attempts::clear(const AttemptKey& key) {
  const auto done =
      database_.run("DELETE FROM attempts WHERE subject = ? AND factor = ? AND source = ?",
                    key.subject, key.factor, key.source);
  if (!done) return fail(done.error());
  return {};
}

Result<std::int64_t> Attempts::clear_subject(std::string_view subject) {
  return database_.run("DELETE FROM attempts WHERE subject = ?", subject);
}

Result<std::vector<std::pair<AttemptKey, AttemptCount>>> Attempts::of_subject(
    std::string_view subject) {
  return database_.all(
      "SELECT subject, factor, source, failures, last_failure_at, blocked_until FROM attempts "
      "WHERE subject = ? ORDER BY factor, source LIMIT 10000",
      [](const Row& row) {
        return std::pair(AttemptKey{row.text(0), row.text(1), row.text(2)},
                         AttemptCount{row.integer(3), row.instant(4), row.instant(5)});
      },
      subject);
}

Result<std::int64_t> Attempts::purge(Instant before, std::int64_t failures) {
  return database_.run(
      "DELETE FROM attempts WHERE last_failure_at < ? AND blocked_until < ? AND failures < ?",
      before, before, failures);
}

}  // namespace sekisho::store
