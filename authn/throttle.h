// Slowing guesses down (NIST SP 800-63B-4 section 3.2.2, RFC 4226 section 7.3).
//
// An attempt is counted before it is verified, in the same transaction, so that parallel guesses
// cannot outrun the count; success takes the count back.  Three counts are kept: user and factor
// at one source (delays, then a lock with an end), user and factor everywhere (delays, and at the
// hard limit the factor is disabled), and one source for all users (delays).

#ifndef SEKISHO_AUTHN_THROTTLE_H_
#define SEKISHO_AUTHN_THROTTLE_H_

#include <optional>
#include <string>

#include "authn/assurance.h"
#include "authn/policy.h"
#include "authn/verdict.h"
#include "base/result.h"
#include "store/store.h"

namespace sekisho::authn {

// Whose attempt it is, with which factor, from where.
struct Attempt {
  std::string subject;  // subject_of(...)
  Factor factor = Factor::kPassword;
  std::string source;  // "10.1.2.3" or "terminal:zeimu-03"
  // Of whoever is held to fewer guesses than ThrottlePolicy::lock_after.
  std::optional<int> lock_after{};
  // Set by admit: whether it was counted against the source, too.  Where the person always signs
  // in it is not, or one's own sign-ins would lift the brake on guessing at others there.
  bool is_source_counted = false;
};

std::string subject_of(store::UserId user);

// For a name that belongs to nobody: one of 65536 rows, so that strangers cannot fill the store
// and an unknown user is throttled like a known one.  `key` keeps the choice secret.
std::string subject_of_unknown(std::string_view claimed_user, ByteView key);

class Throttle {
 public:
  explicit Throttle(const ThrottlePolicy& policy) : policy_(policy) {}

  // Counts the attempt and returns nothing, or returns the refusal without counting.
  Result<std::optional<Verdict>> admit(store::Store& store, Attempt& attempt, Instant now) const;

  // After a refusal by admit: how many there were since the audit log was last told, when it is
  // time to tell (at once for each block, then once a minute); nullopt otherwise.
  Result<std::optional<std::int64_t>> refusals_to_tell(store::Store& store, const Attempt& attempt,
                                                       Instant now) const;

  // The same for an attempt that belongs to no user (joining the segment): one source is slowed.
  Result<std::optional<Verdict>> admit_source(store::Store& store, const std::string& source,
                                              Instant now) const;
  Result<std::optional<std::int64_t>> source_refusals_to_tell(store::Store& store,
                                                              const std::string& source,
                                                              Instant now) const;
  // Takes back what admit_source counted.
  Result<void> take_back_source(store::Store& store, const std::string& source) const;

  // Takes back what admit counted, forgets the user's earlier failures with this factor, and
  // remembers the source as the user's.
  Result<void> succeed(store::Store& store, const Attempt& attempt, Instant now) const;

  // Takes back what admit counted without judging: the attempt could not be verified (an Error).
  Result<void> withdraw(store::Store& store, const Attempt& attempt) const;

  // How long attempts are blocked after `failures` in a row at one source, or everywhere.
  std::chrono::milliseconds block_at_source(std::int64_t failures,
                                            std::optional<int> lock_after = std::nullopt) const;
  std::chrono::milliseconds block_everywhere(std::int64_t failures) const;

 private:
  std::chrono::milliseconds block_source(std::int64_t failures) const;
  Result<void> count_source(store::Store& store, const store::AttemptKey& key,
                            store::AttemptCount count, Instant now) const;
  ThrottlePolicy policy_;
};

// Forgets a user's failures with one factor, everywhere: it was set anew.
Result<void> forget_failures(store::Store& store, store::UserId user, Factor factor);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_THROTTLE_H_
