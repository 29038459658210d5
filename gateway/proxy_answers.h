// What the proxy answers by itself: a refusal, or that an application cannot be reached.

#ifndef SEKISHO_GATEWAY_PROXY_ANSWERS_H_
#define SEKISHO_GATEWAY_PROXY_ANSWERS_H_

#include "gateway/proxied_request.h"
#include "gateway/response.h"

namespace sekisho::gateway {

// A page of the gateway's own that says what `status` means for whoever reads it.
Response problem(const ProxiedRequest& request, unsigned status);

// Why the rules did not let the request through, and what to do: `session` is who asked, nullptr
// for nobody.
Response refusal(const ProxiedRequest& request, const authn::AccessDecision& decision,
                 const authn::LiveSession* session);

// 401, for what cannot follow a redirect to the portal, or must not be sent again unasked.
Response signed_out(const ProxiedRequest& request, std::string_view host, std::string_view target);

// Sends it.  True: the connection may be used for another request.
Task<bool> give(const ProxiedRequest& request, const Response& response, bool keeps_alive);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_PROXY_ANSWERS_H_
