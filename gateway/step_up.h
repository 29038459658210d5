// One factor more: what an address asks for beyond what a session has proven, and the page for it.

#ifndef SEKISHO_GATEWAY_STEP_UP_H_
#define SEKISHO_GATEWAY_STEP_UP_H_

#include <string_view>
#include <vector>

#include "authn/key_change.h"
#include "authn/live_view.h"
#include "gateway/request_context.h"
#include "store/security_keys.h"

namespace sekisho::gateway {

authn::ProvenSession proven_by(const authn::LiveSession& session);

// The person's keys, as the loop's view knows them now.
Result<std::vector<store::SecurityKey>> keys_of(const RequestContext& context, store::UserId user);

// What must be proven before the person, who has these keys, may go to `wanted` (a safe return
// address).  Met by any second factor where nothing asks for more, or lets him in by nothing.
struct Demand {
  authn::Assurance level = authn::Assurance::kSecondFactor;
  bool is_met = false;  // by what the session has proven, and lately enough
  // An enrolment code does instead, to add a key: of privileged people nothing less is taken.
  bool takes_enrolment = false;
};
Demand demand_of(const RequestContext& context, const authn::LiveSession& session,
                 std::string_view wanted, const std::vector<store::SecurityKey>& keys);

// Asks for what is missing, or was proven too long ago, before going to `wanted`; or the person's
// own page, which says how to get a key, when that is what is missing and there is none.
Result<Response> step_up_page(RequestContext& context, const authn::LiveSession& session,
                              std::string_view wanted);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_STEP_UP_H_
