// The portal: the second step, signing out, and a person's own page.

#ifndef SEKISHO_GATEWAY_PORTAL_HANDLERS_H_
#define SEKISHO_GATEWAY_PORTAL_HANDLERS_H_

#include "gateway/request_context.h"

namespace sekisho::gateway {

Task<Response> show_home(RequestContext& context);
Task<Response> try_code(RequestContext& context);
Task<Response> try_recovery_code(RequestContext& context);
Task<Response> try_enrolment_code(RequestContext& context);
Task<Response> try_key(RequestContext& context);
Task<Response> sign_out(RequestContext& context);
Task<Response> end_one_session(RequestContext& context);
Task<Response> send_asset(RequestContext& context);
// The script that applications may include (pages/reopen.js).
Task<Response> send_reopen_script(RequestContext& context);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_PORTAL_HANDLERS_H_
