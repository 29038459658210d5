#include "authn/factors/security_key.h"

namespace sekisho::authn {

std::string_view name_of(KeyFault fault) {
  switch (fault) {
    case KeyFault::kNoKey:
      return "no_key";
    case KeyFault::kUnplugged:
      return "unplugged";
    case KeyFault::kNoCredential:
      return "no_credential";
    case KeyFault::kAlreadyRegistered:
      return "already_registered";
    case KeyFault::kPinRequired:
      return "pin_required";
    case KeyFault::kPinNotSet:
      return "pin_not_set";
    case KeyFault::kPinUnusable:
      return "pin_unusable";
    case KeyFault::kPinWrong:
      return "pin_wrong";
    case KeyFault::kPinAuthBlocked:
      return "pin_auth_blocked";
    case KeyFault::kPinBlocked:
      return "pin_blocked";
    case KeyFault::kPinChangeForced:
      return "pin_change_forced";
    case KeyFault::kNotTouched:
      return "not_touched";
    case KeyFault::kCancelled:
      return "cancelled";
    case KeyFault::kUnsupported:
      return "unsupported";
    case KeyFault::kBroken:
      return "broken";
  }
  return "unknown";
}

void Cancellation::cancel() {
  const std::lock_guard lock(mutex_);
  is_cancelled_ = true;
  if (interrupt_) interrupt_();
}

bool Cancellation::is_cancelled() const {
  const std::lock_guard lock(mutex_);
  return is_cancelled_;
}

}  // namespace sekisho::authn
