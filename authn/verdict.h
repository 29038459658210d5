// The answer to "is it this person?".  A Verdict is a decision; a failure to decide is an Error,
// and both refuse.

#ifndef SEKISHO_AUTHN_VERDICT_H_
#define SEKISHO_AUTHN_VERDICT_H_

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace sekisho::authn {

enum class Outcome { kGranted, kDenied, kLocked };

// Why, for the audit log.  A person is told it only after proving the first factor.
enum class Reason {
  kProven,
  kUnknownUser,
  kUserDisabled,
  kWrongPassword,
  kNoPassword,
  kWrongCode,
  kNoCode,           // none was typed
  kCodeUsed,         // right, but this time step was accepted before: a replay
  kNoCredential,     // nothing enrolled to compare with
  kThrottled,        // too many failures; blocked until `retry_at`
  kFactorDisabled,   // too many failures in all; an administrator must set the factor anew
  kTerminalGone,     // revoked, or joined again, while the login ran
  kTransactionGone,  // unknown, spent, expired, or another terminal's
  kCeremonyGone,     // the challenge is unknown, spent, expired, or another session's
  kKeyUnknown,       // nobody's, or somebody else's
  kKeyRefused,       // its answer does not verify; the audit row has the fault
  kKeyNotVerified,   // PIN or biometrics are needed here
  kKeyModelRefused,  // a group of the person's takes other models only
  kKeySuspected,     // its counter did not grow: a copy may exist
  kKeyRowChanged,    // what the store has of it is not what was registered
  kNotEnough,        // another factor is needed here
};

std::string_view name_of(Outcome outcome);
std::string_view name_of(Reason reason);

struct [[nodiscard]] Verdict {
  Outcome outcome = Outcome::kDenied;
  Reason reason = Reason::kUnknownUser;
  std::optional<Instant> retry_at;  // with kThrottled
  bool is_of_source = false;        // with kThrottled: whoever comes from there is slowed

  bool is_granted() const { return outcome == Outcome::kGranted; }
};

inline Verdict granted() {
  return {Outcome::kGranted, Reason::kProven, std::nullopt};
}
inline Verdict denied(Reason reason) {
  return {Outcome::kDenied, reason, std::nullopt};
}

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_VERDICT_H_
