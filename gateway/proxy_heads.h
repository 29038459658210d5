// The heads the proxy writes: what goes on to the application, and what comes back.

#ifndef SEKISHO_GATEWAY_PROXY_HEADS_H_
#define SEKISHO_GATEWAY_PROXY_HEADS_H_

#include <string>

#include "authn/live_view.h"
#include "gateway/message_reader.h"

namespace sekisho::gateway {

// The pseudonym in Via, which also shows a request that came back to us (RFC 9110 section 7.6).
inline constexpr std::string_view kViaName = "sekisho";

struct Forwarding {
  const authn::LiveUser& user;
  std::string_view host;
  std::string_view client;
  std::string_view identity_token;  // empty: the application does not ask for it
  bool is_upgrade = false;          // WebSocket, and allowed
  bool is_chunked = false;
  std::optional<std::uint64_t> content_length;
  std::optional<std::uint64_t> max_forwards;  // as max_forwards() tells, and not 0
};

// The request as the application gets it: the same method, target and Host; no field that is
// hop-by-hop, reserved, or one of our cookies; then the identity and who forwarded.
std::string forwarded_request(const RequestHead& head, const Forwarding& forwarding);

struct Returning {
  bool is_chunked = false;   // as it will go to the client
  bool keeps_alive = false;  // the client's connection
  bool is_upgrade = false;   // 101
  std::optional<std::uint64_t> content_length;
  std::string_view date = {};  // for an answer without one (RFC 9110 section 6.6.1); empty: none
};

// The application's answer as the client gets it: no hop-by-hop field, none of our cookies.
std::string returned_response(const ResponseHead& head, const Returning& returning);

// How many more hops an OPTIONS request may take, where it says so (RFC 9110 section 7.6.2).  At 0
// it is ours to answer.
std::optional<std::uint64_t> max_forwards(const RequestHead& head);

// True when a Via field names us: the request is going in circles.
bool has_been_here(const Fields& fields);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_PROXY_HEADS_H_
