#include "authn/factors/key_fault.h"

#include <fido.h>

namespace sekisho::authn {

KeyFault fault_of(int fido_error) {
  switch (fido_error) {
    case FIDO_ERR_NO_CREDENTIALS:
    case FIDO_ERR_INVALID_CREDENTIAL:
      return KeyFault::kNoCredential;
    case FIDO_ERR_CREDENTIAL_EXCLUDED:
      return KeyFault::kAlreadyRegistered;
    case FIDO_ERR_PIN_REQUIRED:  // PUAT_REQUIRED since CTAP 2.1
    case FIDO_ERR_UV_BLOCKED:    // the fingerprint did not match: the PIN is the way on
    case FIDO_ERR_UV_INVALID:
      return KeyFault::kPinRequired;
    case FIDO_ERR_PIN_NOT_SET:
      return KeyFault::kPinNotSet;
    case FIDO_ERR_PIN_INVALID:
      return KeyFault::kPinWrong;
    case FIDO_ERR_PIN_AUTH_BLOCKED:
      return KeyFault::kPinAuthBlocked;
    case FIDO_ERR_PIN_BLOCKED:
      return KeyFault::kPinBlocked;
    case FIDO_ERR_PIN_POLICY_VIOLATION:  // to a right PIN that must be changed
      return KeyFault::kPinChangeForced;
    case FIDO_ERR_TIMEOUT:
    case FIDO_ERR_USER_ACTION_TIMEOUT:
    case FIDO_ERR_ACTION_TIMEOUT:
    case FIDO_ERR_PIN_TOKEN_EXPIRED:  // CTAP 2.1 section 6.5.2.1: it ends with the wait for a touch
    case FIDO_ERR_OPERATION_DENIED:
    case FIDO_ERR_UP_REQUIRED:
    case FIDO_ERR_KEEPALIVE_CANCEL:
      return KeyFault::kNotTouched;
    case FIDO_ERR_UNSUPPORTED_ALGORITHM:
    case FIDO_ERR_KEY_STORE_FULL:
    case FIDO_ERR_LIMIT_EXCEEDED:
    case FIDO_ERR_REQUEST_TOO_LARGE:
    case FIDO_ERR_UNSUPPORTED_OPTION:
    case FIDO_ERR_INVALID_OPTION:
    case FIDO_ERR_UNSUPPORTED_EXTENSION:
    case FIDO_ERR_INVALID_COMMAND:
      return KeyFault::kUnsupported;
    default:
      return KeyFault::kBroken;
  }
}

bool is_transport_failure(int fido_error) {
  switch (fido_error) {
    case FIDO_ERR_TX:
    case FIDO_ERR_RX:
    case FIDO_ERR_INTERNAL:  // so says libfido2 when the key agreement is not answered
      return true;
    default:
      return false;
  }
}

}  // namespace sekisho::authn
