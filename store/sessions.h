// Web sessions.  Only the SHA-256 of a token is kept: the file cannot open a session.

#ifndef SEKISHO_STORE_SESSIONS_H_
#define SEKISHO_STORE_SESSIONS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "store/database.h"

namespace sekisho::store {

struct Session {
  SessionId id;
  Digest token_hash{};
  UserId user;
  int assurance = 1;    // authn/assurance.h
  std::string factors;  // "password totp"
  std::string source;   // address it was opened from
  Instant created_at;
  Instant last_seen_at;
  std::chrono::milliseconds idle_limit{};
  Instant expires_at;  // absolute limit
  // The login before this one, and the refusals in between, to show the person.
  std::optional<Instant> previous_login_at;
  std::string previous_login_from;
  std::int64_t failures_before = 0;
  // When each level of authn/assurance.h was last proven; nullopt: never.
  std::optional<Instant> second_factor_at;
  std::optional<Instant> security_key_at;
  std::optional<Instant> verified_key_at;
  std::optional<Instant> ended_at;
  std::string end_reason;
};

class Sessions {
 public:
  explicit Sessions(Database& database) : database_(database) {}

  // `session.id` is ignored.
  Result<SessionId> add(const Session& session);
  Result<std::optional<Session>> find(SessionId id);
  Result<std::optional<Session>> find(const Digest& token_hash);
  // Neither ended nor past a limit at `now`; newest first.
  Result<std::vector<Session>> live(Instant now);
  Result<std::vector<Session>> live_of(UserId user, Instant now);

  // The live ones that may be idle, or last from their beginning, for longer than this.
  Result<std::vector<Session>> longer_than(std::chrono::milliseconds idle,
                                           std::chrono::milliseconds absolute, Instant now);

  // Moves last_seen_at forward, never back.
  Result<void> touch(SessionId id, Instant seen);
  // What the session has proven, without a right that was spent.
  Result<void> set_factors(SessionId id, std::string_view factors);
  Result<void> set_limits(SessionId id, std::chrono::milliseconds idle_limit, Instant expires_at);
  // False: it had ended before.
  Result<bool> end(SessionId id, std::string_view reason, Instant now);
  // The number ended.  Also those that seem idle: a gateway may know of uses that the store does
  // not.  Where none is `kept` the person's seats go, too: what was proven for them is in doubt.
  Result<std::int64_t> end_all_of(UserId user, std::string_view reason, Instant now,
                                  std::optional<SessionId> kept = std::nullopt);
  // Past a limit at `now`, and not ended yet; at most `most`.
  Result<std::vector<Session>> overdue(Instant now, int most);
  // Remembers that the session opened this application.  True: for the first time, or the session
  // is forgotten already, so that nobody can tell.
  Result<bool> note_application(SessionId id, std::string_view application, Instant now);
  // Forgets sessions whose absolute limit passed before `before`; at most `limit` of them.
  Result<std::int64_t> purge(Instant before, int limit);

 private:
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_SESSIONS_H_
