// libfido2 keeps its state for each thread and wants to be made ready in each, before any other
// call.

#ifndef SEKISHO_AUTHN_FACTORS_FIDO_THREAD_H_
#define SEKISHO_AUTHN_FACTORS_FIDO_THREAD_H_

namespace sekisho::authn {

// CTAP 1 is not fallen back to, and nothing is written to stderr, whatever FIDO_DEBUG in the
// environment says: libfido2 would write down all that goes between us and the key.
void prepare_fido_in_this_thread();

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_FIDO_THREAD_H_
