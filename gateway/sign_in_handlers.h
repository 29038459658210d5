// The portal's first step: a name and a password, or a security key that names its person.

#ifndef SEKISHO_GATEWAY_SIGN_IN_HANDLERS_H_
#define SEKISHO_GATEWAY_SIGN_IN_HANDLERS_H_

#include "gateway/request_context.h"

namespace sekisho::gateway {

Task<Response> sign_in(RequestContext& context);
Task<Response> sign_in_with_key(RequestContext& context);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_SIGN_IN_HANDLERS_H_
