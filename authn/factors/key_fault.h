// What libfido2 and the key answer (CTAP 2.1 section 8.2), as the faults people are told.

#ifndef SEKISHO_AUTHN_FACTORS_KEY_FAULT_H_
#define SEKISHO_AUTHN_FACTORS_KEY_FAULT_H_

#include "authn/factors/security_key.h"

namespace sekisho::authn {

// `fido_error` is any FIDO_ERR_ but FIDO_OK.  A failed transport is kBroken here: whether the key
// was pulled out, cancelled or late is for those to say who know (OpenKey).
KeyFault fault_of(int fido_error);

// Whether the key was not heard at all, or not understood, rather than refused.
bool is_transport_failure(int fido_error);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_KEY_FAULT_H_
