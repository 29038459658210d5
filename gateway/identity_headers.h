// The headers that tell an application who is there: never taken from a client, always ours.

#ifndef SEKISHO_GATEWAY_IDENTITY_HEADERS_H_
#define SEKISHO_GATEWAY_IDENTITY_HEADERS_H_

#include <string>
#include <string_view>

#include "authn/live_view.h"

namespace sekisho::gateway {

// Appends Remote-User, Remote-Name (UTF-8) and Remote-Groups (comma-separated), a line each.
void append_identity(std::string& out, const authn::LiveUser& user);

// Appends Sekisho-Identity (authn/identity_token.h); nothing for an empty token.
void append_identity_token(std::string& out, std::string_view token);

// True for a field that only the gateway may set, or that could be read as one: Remote-*,
// X-Remote-*, X-Forwarded-*, X-Original-*, X-Real-IP, Forwarded, Sekisho-*, in any case, and any
// name with an underscore (RFC 9110 section 17.10).
bool is_reserved_field(std::string_view name);

// True for a field that ends at the next hop (RFC 9110 section 7.6.1), beside those that
// Connection names.
bool is_hop_by_hop(std::string_view name);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_IDENTITY_HEADERS_H_
