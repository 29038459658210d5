// TLS as the agent speaks it: a client, 1.2 or 1.3 with modern suites, that trusts the segment's
// authority and nobody else (BCP 195; requirements T-01..08, T-11).

#ifndef SEKISHO_AGENT_TLS_H_
#define SEKISHO_AGENT_TLS_H_

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "agent/terminal_state.h"
#include "base/result.h"

namespace sekisho::agent {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// Verifies the other side against `ca_pem` and shows no certificate: for joining.
Result<TlsContext> tls_trusting(const std::string& ca_pem);
// The same, and speaks as the terminal (mutual TLS).
Result<TlsContext> tls_of_terminal(const TerminalIdentity& identity);
// True when `tls` speaks with the certificate of `identity`.
bool speaks_as(const TlsContext& tls, const TerminalIdentity& identity);
// The terminal's name in the certificate that `tls` speaks with; "" when it has none.
std::string name_in(const TlsContext& tls);
// Verifies nothing.  Only for looking at the chain a gateway shows, before anything is said.
Result<TlsContext> tls_for_a_look();

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_TLS_H_
