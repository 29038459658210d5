// The forward-auth check: may this session reach this application, now?  Asked by a reverse proxy
// on every request, so it answers at once, from memory, without a coroutine of its own.
//
//   /authz/auth-request   nginx: 200, 401, 403
//   /authz/forward-auth   Caddy, Traefik, HAProxy: also 302 to the portal
//
// What was asked stands for nginx in X-Original-URL and X-Original-Method, for the others in
// X-Forwarded-Method, -Proto, -Host and -Uri; the client in X-Forwarded-For.  Each endpoint
// believes its own family only, each field once, and only from the proxies that the
// configuration names; anybody else gets 403.

#ifndef SEKISHO_GATEWAY_AUTHZ_H_
#define SEKISHO_GATEWAY_AUTHZ_H_

#include <string>

#include "gateway/event_loop.h"
#include "gateway/http_message.h"
#include "gateway/peer.h"

namespace sekisho::gateway {

inline constexpr std::string_view kAuthRequestPath = "/authz/auth-request";
inline constexpr std::string_view kForwardAuthPath = "/authz/forward-auth";

bool is_check(std::string_view target);

// Appends the whole answer to `out`.
void answer_check(EventLoop& loop, const RequestHead& head, const Peer& peer, bool keeps_alive,
                  AccessRecord* record, std::string& out);

// Whether the client that asked could follow a redirect to a page: a page load by GET or HEAD.
bool can_follow_redirect(std::string_view method, const Fields& fields);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_AUTHZ_H_
