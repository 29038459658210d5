// Consecutive failures, counted in the store so that they hold across restarts and processes.
// What a count means is authn/throttle.h's to say.

#ifndef SEKISHO_STORE_ATTEMPTS_H_
#define SEKISHO_STORE_ATTEMPTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace sekisho::store {

struct AttemptKey {
  std::string subject;  // "user:7", "unknown:4711", or "*" for all
  std::string factor;   // "password", "totp", "recovery", or "*"
  std::string source;   // an address or a terminal, or "*"
};

struct AttemptCount {
  std::int64_t failures = 0;
  Instant last_failure_at;
  Instant blocked_until;  // 1970: not blocked
};

class Attempts {
 public:
  explicit Attempts(Database& database) : database_(database) {}

  // Zero failures when there is no row.
  Result<AttemptCount> count(const AttemptKey& key);
  Result<void> set(const AttemptKey& key, const AttemptCount& count);
  // Forgets the failures with this subject and factor from this source.
  Result<void> clear(const AttemptKey& key);
  // Forgets all failures and successes of a subject; the number of failure rows forgotten.
  Result<std::int64_t> clear_subject(std::string_view subject);
  Result<std::vector<std::pair<AttemptKey, AttemptCount>>> of_subject(std::string_view subject);
  // Counts a refusal of an attempt that was not looked at.  The number since the audit log was
  // last told, when that is `every` or longer ago, or was for an earlier failure: tell it now.
  // nullopt: not now, or no such row.
  Result<std::optional<std::int64_t>> count_refusal(const AttemptKey& key,
                                                    std::chrono::milliseconds every, Instant now);
  // Remembers that the factor was proven from this source.
  Result<void> note_success(const AttemptKey& key, Instant now);
  Result<bool> has_success_since(const AttemptKey& key, Instant since);
  Result<void> forget_successes(std::string_view subject, std::string_view factor);
  // Forgets successes before `before`.
  Result<std::int64_t> purge_successes(Instant before);
  // Forgets rows whose last failure and block are both before `before`; never what counts a
  // person's failures everywhere, which only success and administrators take back (NIST SP
  // 800-63B-4 section 3.2.2).
  Result<std::int64_t> purge(Instant before);

 private:
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_ATTEMPTS_H_
