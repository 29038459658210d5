// The terminal's certificate replaces itself: after two thirds of its life, with a new key.

#ifndef SEKISHO_AGENT_RENEWAL_H_
#define SEKISHO_AGENT_RENEWAL_H_

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "agent/gateway_client.h"
#include "agent/terminal_state.h"
#include "base/clock.h"
#include "base/result.h"

namespace sekisho::agent {

// Asks for a certificate for a new key, puts both in place and lets the client use them.  On an
// Error the old pair is in place and in use.  Returns the new certificate's facts.
boost::asio::awaitable<Result<certs::CertificateFacts>> renew(GatewayClient& client,
                                                              const TerminalState& state,
                                                              std::string terminal);

// The identity on disk, unless it is `now`: `sekisho-agent join --replace` puts another there while
// the agent runs.
std::optional<TlsContext> identity_instead_of(const TlsContext& now, const TerminalState& state);

// Renews whenever it is time, for as long as the program runs; after a failure again in a minute,
// then two, up to an hour.  The clock is looked at once an hour at least, because it may be set.
boost::asio::awaitable<void> keep_renewing(GatewayClient& client, const TerminalState& state,
                                           certs::CertificateFacts facts, const Clock& clock);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_RENEWAL_H_
