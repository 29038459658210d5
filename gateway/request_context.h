// A request to the gateway itself (portal, terminal API, metrics), as its handler gets it: what
// the head said, copied, and the whole body.

#ifndef SEKISHO_GATEWAY_REQUEST_CONTEXT_H_
#define SEKISHO_GATEWAY_REQUEST_CONTEXT_H_

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "certs/certificate.h"
#include "gateway/event_loop.h"
#include "gateway/http_message.h"
#include "gateway/peer.h"
#include "gateway/response.h"

namespace sekisho::gateway {

struct RequestContext {
  EventLoop& loop;
  std::shared_ptr<const Site> site;
  Instant now;
  IpAddress client;  // who really asks: see client_address
  http::verb verb = http::verb::get;
  std::string path;  // without query
  std::string query;
  std::string body;
  std::string session_token;  // from the cookie; empty: none
  std::string form_cookie;    // from the cookie; empty: none
  std::string accept_language;
  std::string origin;
  std::string fetch_site;                           // Sec-Fetch-Site
  std::optional<certs::TerminalIdentity> terminal;  // from the verified client certificate
};

// Copies what handlers need.  The body comes later.
RequestContext context_of(EventLoop& loop, const RequestHead& head, const IpAddress& client,
                          const std::optional<certs::TerminalIdentity>& terminal);

// The peer, unless the peer is a trusted proxy that says for whom it asks: then the last address
// of X-Forwarded-For.  Else the status to refuse with: 400 for what is no address, 403 for one
// outside the segment.
std::expected<IpAddress, unsigned> client_address(const Site& site, const Peer& peer,
                                                  const Fields& fields);

// The fields of an application/x-www-form-urlencoded text (WHATWG URL).  nullopt when malformed,
// when a name comes twice, or when there are more than 32.
std::optional<std::map<std::string, std::string>> form_fields(std::string_view body);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_REQUEST_CONTEXT_H_
