// The gate: may this request reach this application?  Both doors of the web ask here, the check
// by a reverse proxy and the proxy of our own, so both decide, count and write down alike.

#ifndef SEKISHO_GATEWAY_GATE_H_
#define SEKISHO_GATEWAY_GATE_H_

#include <optional>
#include <string_view>

#include "authn/access_rules.h"
#include "gateway/event_loop.h"

namespace sekisho::gateway {

inline constexpr std::string_view kForwardAuthDoor = "forward-auth";
inline constexpr std::string_view kProxyDoor = "proxy";

struct AskedAtGate {
  std::string_view door;
  const authn::Application& application;
  std::string_view target;  // path and query as they came
  const IpAddress& client;
  std::optional<std::string_view> token;  // of the session cookie
  // Why no rule can allow this request, for the log; empty: the rules decide.
  std::string_view objection = {};
  AccessRecord* record = nullptr;  // told what was answered; nullptr: no access log is kept
};

struct GateAnswer {
  authn::AccessDecision decision;
  // Valid until the loop's view is refreshed; nullptr: nobody is signed in.  Never nullptr when
  // the decision is kAllowed.
  authn::LiveSession* session = nullptr;
  // For Sekisho-Identity; empty: the application does not ask for it.  Valid until the gate is
  // asked again.
  std::string_view identity_token = {};
};

// Why a WebSocket's handshake cannot be allowed; empty: it is none, or it comes from a page of this
// host, or from no browser.  `host` is as the client wrote it, or as a proxy tells it, which may
// not name a port.
std::string_view websocket_objection(const Fields& fields, std::string_view host,
                                     bool names_port = true);

// An Error: nobody can tell now, so the request must be refused (503).
Result<GateAnswer> ask_gate(EventLoop& loop, const Site& site, const AskedAtGate& asked);

// Whether what was let in may go on.  A refusal is written down; that it goes on is not.
bool may_stay(EventLoop& loop, const Site& site, const AskedAtGate& asked);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_GATE_H_
