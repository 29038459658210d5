#include "authn/factors/key_call.h"

#include <fido.h>

#include "authn/factors/cancellable_call.h"

namespace sekisho::authn {

FromKey<Verification> verification_for(const KeyStatus& status, bool is_wanted, bool has_pin) {
  if (has_pin && status.has_pin) {
    if (status.needs_new_pin) return std::unexpected(KeyFault::kPinChangeForced);
    return Verification::kByPin;
  }
  if (!is_wanted && !status.always_verifies) return Verification::kNone;
  if (status.can_verify_by_itself) return Verification::kByKey;
  return std::unexpected(status.has_pin ? KeyFault::kPinRequired : KeyFault::kPinNotSet);
}

std::optional<KeyFault> call_key(OpenKey& key, const KeyCall& call,
                                 const std::function<int(fido_dev*, const char* pin)>& ask) {
  if (call.cancellation.is_cancelled()) return KeyFault::kCancelled;
  key.wait_until(call.deadline);
  int error = FIDO_OK;
  {
    const CancellableCall watched(call.cancellation, key, call.deadline);
    error = ask(key.device(), call.pin_to_send());
  }
  if (error == FIDO_OK) return std::nullopt;
  if (call.cancellation.is_cancelled()) return KeyFault::kCancelled;
  return key.fault_after(error, call.deadline);
}

}  // namespace sekisho::authn
