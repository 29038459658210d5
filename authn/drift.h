// Learning how far a token's clock is from ours (RFC 6238 section 6).
//
// A code found ahead tells the truth at once: nobody types a code before it is shown.  A code found
// behind may only have been typed late, so it counts when it happens three times in a row, and then
// for one step.  Else two slow mornings would move the window away from an accurate token.

#ifndef SEKISHO_AUTHN_DRIFT_H_
#define SEKISHO_AUTHN_DRIFT_H_

#include "store/totp_credentials.h"

namespace sekisho::authn {

inline constexpr int kLateCodesToLearn = 3;

// `seen`: the step of the accepted code, from the step of our clock.  What is learnt is at most
// `most` steps, or as far as an administrator's resynchronisation has set it.
store::Drift learnt_drift(store::Drift known, int seen, int most);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_DRIFT_H_
