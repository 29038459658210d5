// What the calls to an open key have in common: how the user is verified, until when the key may
// take its time, and who may end it.

#ifndef SEKISHO_AUTHN_FACTORS_KEY_CALL_H_
#define SEKISHO_AUTHN_FACTORS_KEY_CALL_H_

#include <functional>
#include <optional>

#include "authn/factors/key_pin.h"
#include "authn/factors/open_key.h"
#include "authn/factors/security_key.h"

namespace sekisho::authn {

enum class Verification {
  kNone,  // the key is not asked to; it may all the same
  kByPin,
  kByKey,  // a fingerprint, say
};

// How a key in this state can do what is wanted.  kPinRequired, kPinNotSet, or kPinChangeForced
// when it cannot: then it is not asked at all.
FromKey<Verification> verification_for(const KeyStatus& status, bool is_wanted, bool has_pin);

struct KeyCall {
  Verification verification;
  const KeyPin& pin;
  Deadline deadline;
  Cancellation& cancellation;

  // nullptr unless it is to be sent.
  const char* pin_to_send() const {
    return verification == Verification::kByPin ? pin.text() : nullptr;
  }
};

// Calls libfido2 with the key and the PIN (which may be nullptr), watched by the deadline and the
// cancellation.  nullopt when it returned FIDO_OK.
std::optional<KeyFault> call_key(OpenKey& key, const KeyCall& call,
                                 const std::function<int(fido_dev*, const char* pin)>& ask);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_KEY_CALL_H_
