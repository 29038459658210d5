// The keys that identity tokens are verified with (RFC 7517).

#ifndef SEKISHO_GATEWAY_IDENTITY_HANDLERS_H_
#define SEKISHO_GATEWAY_IDENTITY_HANDLERS_H_

#include "gateway/request_context.h"

namespace sekisho::gateway {

Task<Response> send_identity_keys(RequestContext& context);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_IDENTITY_HANDLERS_H_
