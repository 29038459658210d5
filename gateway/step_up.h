// One factor more: what an address asks for beyond what a session has proven, and the page for it.

#ifndef SEKISHO_GATEWAY_STEP_UP_H_
#define SEKISHO_GATEWAY_STEP_UP_H_

#include <string_view>

#include "authn/live_view.h"
#include "gateway/request_context.h"

namespace sekisho::gateway {

// The least assurance with which the person may go to `wanted` (a safe return address).
// kSecondFactor where the rules ask for no more, or let him in by nothing.
authn::Assurance wanted_assurance(const RequestContext& context, const authn::LiveSession& session,
                                  std::string_view wanted);

// Whether the session's factors were proven so lately that its person may change his keys (ASVS
// 7.5.1), or an enrolment code was, which lets him bind one.
bool may_change_keys(const RequestContext& context, const authn::LiveSession& session);
bool may_add_key(const RequestContext& context, const authn::LiveSession& session);

// Asks for a security key before going to `wanted`; or the person's own page, which says how to get
// one, when there is none.
Result<Response> step_up_page(RequestContext& context, const authn::LiveSession& session,
                              std::string_view wanted);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_STEP_UP_H_
