// The Terminal API (protocol/terminal_api.h): joining, renewing, and logins at terminals.

#ifndef SEKISHO_GATEWAY_TERMINAL_HANDLERS_H_
#define SEKISHO_GATEWAY_TERMINAL_HANDLERS_H_

#include "gateway/request_context.h"

namespace sekisho::gateway {

Task<Response> join_segment(RequestContext& context);
Task<Response> renew_certificate(RequestContext& context);
Task<Response> show_terminal(RequestContext& context);
Task<Response> begin_login(RequestContext& context);
Task<Response> finish_login(RequestContext& context);

// {"error": …, "message": …}
Response terminal_error(unsigned status, std::string_view error, std::string_view message);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_TERMINAL_HANDLERS_H_
