#include "store/sessions.h"

#include <algorithm>

namespace sekisho::store {
namespace {

Session read_session(const Row& row) {
  Session session;
  session.id = {row.integer(0)};
  const Bytes hash = row.blob(1);
  std::copy_n(hash.begin(), std::min(hash.size(), session.token_hash.size()),
              session.token_hash.begin());
  session.user = {row.integer(2)};
  session.assurance = static_cast<int>(row.integer(3));
  session.factors = row.text(4);
  session.source = row.text(5);
  session.created_at = row.instant(6);
  session.last_seen_at = row.instant(7);
  session.idle_limit = std::chrono::milliseconds(row.integer(8));
  session.expires_at = row.instant(9);
  session.ended_at = row.optional_instant(10);
  session.end_reason = row.text(11);
  session.previous_login_at = row.optional_instant(12);
  session.previous_login_from = row.text(13);
  session.failures_before = row.integer(14);
  session.second_factor_at = row.optional_instant(15);
  session.security_key_at = row.optional_instant(16);
  session.verified_key_at = row.optional_instant(17);
  return session;
}

#define SEKISHO_SESSION_COLUMNS                                                                 \
  "id, token_hash, user_id, assurance, factors, source, created_at, last_seen_at, idle_limit, " \
  "expires_at, ended_at, end_reason, previous_login_at, previous_login_from, failures_before, " \
  "second_factor_at, security_key_at, verified_key_at"
#define SEKISHO_SESSION_IS_LIVE \
  "ended_at IS NULL AND expires_at > ? AND last_seen_at + idle_limit > ?"

}  // namespace

Result<SessionId> Sessions::add(const Session& session) {
  const auto added = database_.run(
      "INSERT INTO sessions (token_hash, user_id, assurance, factors, source, created_at, "
      "last_seen_at, idle_limit, expires_at, previous_login_at, previous_login_from, "
      "failures_before, second_factor_at, security_key_at, verified_key_at) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ByteView(session.token_hash), session.user, session.assurance, session.factors,
      session.source, session.created_at, session.last_seen_at,
      static_cast<std::int64_t>(session.idle_limit.count()), session.expires_at,
      session.previous_login_at, session.previous_login_from, session.failures_before,
      session.second_factor_at, session.security_key_at, session.verified_key_at);
  if (!added) return fail(added.error());
  return SessionId{database_.last_insert_id()};
}

Result<std::optional<Session>> Sessions::find(SessionId id) {
  return database_.first("SELECT " SEKISHO_SESSION_COLUMNS " FROM sessions WHERE id = ?",
                         read_session, id);
}

Result<std::optional<Session>> Sessions::find(const Digest& token_hash) {
  return database_.first("SELECT " SEKISHO_SESSION_COLUMNS " FROM sessions WHERE token_hash = ?",
                         read_session, ByteView(token_hash));
}

Result<std::vector<Session>> Sessions::live(Instant now) {
  return database_.all("SELECT " SEKISHO_SESSION_COLUMNS
                       " FROM sessions WHERE " SEKISHO_SESSION_IS_LIVE " ORDER BY id DESC",
                       read_session, now, now);
}

Result<std::vector<Session>> Sessions::live_of(UserId user, Instant now) {
  return database_.all("SELECT " SEKISHO_SESSION_COLUMNS
                       " FROM sessions WHERE user_id = ? AND " SEKISHO_SESSION_IS_LIVE
                       " ORDER BY id DESC",
                       read_session, user, now, now);
}

Result<std::vector<Session>> Sessions::longer_than(std::chrono::milliseconds idle,
                                                   std::chrono::milliseconds absolute,
                                                   Instant now) {
  return database_.all("SELECT " SEKISHO_SESSION_COLUMNS
                       " FROM sessions WHERE " SEKISHO_SESSION_IS_LIVE
                       " AND (idle_limit > ? OR expires_at > created_at + ?)",
                       read_session, now, now, static_cast<std::int64_t>(idle.count()),
                       static_cast<std::int64_t>(absolute.count()));
}

Result<void> Sessions::touch(SessionId id, Instant seen) {
  const auto done = database_.run(
      "UPDATE sessions SET last_seen_at = ? WHERE id = ? AND last_seen_at < ? AND ended_at IS NULL",
      seen, id, seen);
  if (!done) return fail(done.error());
  return {};
}

Result<void> Sessions::set_factors(SessionId id, std::string_view factors) {
  const auto done = database_.run(
      "UPDATE sessions SET factors = ? WHERE id = ? AND ended_at IS NULL", factors, id);
  return done ? Result<void>() : fail(done.error());
}

Result<void> Sessions::set_limits(SessionId id, std::chrono::milliseconds idle_limit,
                                  Instant expires_at) {
  const auto done = database_.run(
      "UPDATE sessions SET idle_limit = ?, expires_at = ? WHERE id = ? AND ended_at IS NULL",
      static_cast<std::int64_t>(idle_limit.count()), expires_at, id);
  return done ? Result<void>() : fail(done.error());
}

Result<bool> Sessions::end(SessionId id, std::string_view reason, Instant now) {
  const auto ended = database_.run(
      "UPDATE sessions SET ended_at = ?, end_reason = ? WHERE id = ? AND ended_at IS NULL", now,
      reason, id);
  if (!ended) return fail(ended.error());
  return *ended == 1;
}

Result<std::int64_t> Sessions::end_all_of(UserId user, std::string_view reason, Instant now,
                                          std::optional<SessionId> kept) {
  if (!kept) {
    const auto left = database_.run("DELETE FROM seats WHERE user_id = ?", user);
    if (!left) return fail(left.error());
  }
  return database_.run(
      "UPDATE sessions SET ended_at = ?, end_reason = ? WHERE user_id = ? AND ended_at IS NULL "
      "AND id IS NOT ?",
      now, reason, user, kept);
}

Result<std::vector<Session>> Sessions::overdue(Instant now, int most) {
  return database_.all("SELECT " SEKISHO_SESSION_COLUMNS
                       " FROM sessions WHERE id IN "
                       "(SELECT id FROM sessions WHERE ended_at IS NULL AND expires_at <= ?1 UNION "
                       "SELECT id FROM sessions WHERE ended_at IS NULL AND "
                       "last_seen_at + idle_limit <= ?1 LIMIT ?2)",
                       read_session, now, most);
}

Result<bool> Sessions::note_application(SessionId id, std::string_view application, Instant now) {
  const auto added = database_.run(
      "INSERT INTO session_applications (session_id, application, first_at) "
      "SELECT id, ?, ? FROM sessions WHERE id = ? ON CONFLICT DO NOTHING",
      application, now, id);
  if (!added) return fail(added.error());
  if (*added == 1) return true;
  const auto known = database_.first(
      "SELECT 1 FROM session_applications WHERE session_id = ? AND application = ?",
      [](const Row&) { return true; }, id, application);
  if (!known) return fail(known.error());
  return !*known;
}

Result<std::int64_t> Sessions::purge(Instant before, int limit) {
  return database_.run(
      "DELETE FROM sessions WHERE id IN "
      "(SELECT id FROM sessions WHERE expires_at < ? ORDER BY expires_at LIMIT ?)",
      before, limit);
}

}  // namespace sekisho::store
