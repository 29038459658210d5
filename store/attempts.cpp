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
  const auto done = database_.run("DELETE FROM proven_sources WHERE subject = ?", subject);
  if (!done) return done;
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

Result<std::optional<std::int64_t>> Attempts::count_refusal(const AttemptKey& key,
                                                            std::chrono::milliseconds every,
                                                            Instant now) {
  const auto counted = database_.run(
      "UPDATE attempts SET refusals = refusals + 1 WHERE subject = ? AND factor = ? AND source = ?",
      key.subject, key.factor, key.source);
  if (!counted) return fail(counted.error());
  const auto refusals = database_.first(
      "SELECT refusals FROM attempts "
      "WHERE subject = ? AND factor = ? AND source = ? "
      "AND (told_at <= ? OR told_at < last_failure_at)",
      [](const Row& row) { return row.integer(0); }, key.subject, key.factor, key.source,
      now - every);
  if (!refusals || !*refusals) return refusals;
  const auto told = database_.run(
      "UPDATE attempts SET refusals = 0, told_at = ? "
      "WHERE subject = ? AND factor = ? AND source = ?",
      now, key.subject, key.factor, key.source);
  if (!told) return fail(told.error());
  return refusals;
}

Result<void> Attempts::note_success(const AttemptKey& key, Instant now) {
  const auto done = database_.run(
      "INSERT INTO proven_sources (subject, factor, source, at) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (subject, factor, source) DO UPDATE SET at = excluded.at",
      key.subject, key.factor, key.source, now);
  if (!done) return fail(done.error());
  return {};
}

Result<bool> Attempts::has_success_since(const AttemptKey& key, Instant since) {
  const auto found = database_.first(
      "SELECT 1 FROM proven_sources "
      "WHERE subject = ? AND factor = ? AND source = ? AND at >= ?",
      [](const Row&) { return true; }, key.subject, key.factor, key.source, since);
  if (!found) return fail(found.error());
  return found->has_value();
}

Result<void> Attempts::forget_successes(std::string_view subject, std::string_view factor) {
  const auto done =
      database_.run("DELETE FROM proven_sources WHERE subject = ? AND factor = ?", subject, factor);
  if (!done) return fail(done.error());
  return {};
}

Result<std::int64_t> Attempts::purge_successes(Instant before) {
  return database_.run("DELETE FROM proven_sources WHERE at < ?", before);
}

Result<std::int64_t> Attempts::purge(Instant before) {
  return database_.run(
      "DELETE FROM attempts WHERE last_failure_at < ?1 AND blocked_until < ?1 "
      "AND (subject = '*' OR source <> '*')",
      before);
}

}  // namespace sekisho::store
