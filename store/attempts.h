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
  // Forgets all rows of a subject; the number forgotten.
  Result<std::int64_t> clear_subject(std::string_view subject);
  Result<std::vector<std::pair<AttemptKey, AttemptCount>>> of_subject(std::string_view subject);
  // Forgets rows whose last failure and block are both before `before`, and which hold less than
  // `failures` failures.
  Result<std::int64_t> purge(Instant before, std::int64_t failures);

 private:
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_ATTEMPTS_H_
