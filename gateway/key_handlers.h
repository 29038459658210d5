// The portal's security keys: binding, renaming and removing them.

#ifndef SEKISHO_GATEWAY_KEY_HANDLERS_H_
#define SEKISHO_GATEWAY_KEY_HANDLERS_H_

#include "gateway/request_context.h"

namespace sekisho::gateway {

Task<Response> show_add_key(RequestContext& context);
Task<Response> add_key(RequestContext& context);
Task<Response> rename_key_of_person(RequestContext& context);
Task<Response> remove_key_of_person(RequestContext& context);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_KEY_HANDLERS_H_
