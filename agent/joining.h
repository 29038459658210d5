// Joining: how a terminal becomes one of the segment's.
//
// The key is made here and stays here.  The administrator carries two things over from the
// gateway: a one-time token, which tells the gateway who we are, and the fingerprint of the
// segment's authority, which tells us that it is the gateway: the token is sent only over TLS
// verified up to exactly that authority and for the host that was asked for.

#ifndef SEKISHO_AGENT_JOINING_H_
#define SEKISHO_AGENT_JOINING_H_

#include <boost/asio/awaitable.hpp>
#include <string>

#include "agent/configuration.h"
#include "agent/terminal_state.h"
#include "base/result.h"
#include "base/secret.h"

namespace sekisho::agent {

struct Invitation {
  GatewayAddress gateway;
  std::string ca_fingerprint;  // 64 lower-case hexadecimal digits
  Secret token;                // normalized_base32
};

// What a person typed, made one: separators and case do not matter in the fingerprint and the
// token.  kInvalid says what is wrong.
Result<Invitation> read_invitation(std::string_view url, std::string_view fingerprint,
                                   std::string_view token);

// Joins and stores what came back.  Returns the name the gateway knows the terminal by.
// kDenied when the gateway shows no certificate of the pinned authority (and nothing was sent) or
// refuses the token; kUnavailable when it cannot be reached.
boost::asio::awaitable<Result<std::string>> join(Invitation invitation, Patience patience,
                                                 const TerminalState& state);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_JOINING_H_
