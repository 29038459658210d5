// TLS by one standard (RFC 9325, RFC 8446): 1.3 and 1.2, forward secrecy and AEAD only, no
// renegotiation, no compression, no tickets, no early data.

#ifndef SEKISHO_GATEWAY_TLS_H_
#define SEKISHO_GATEWAY_TLS_H_

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "certs/authority.h"

namespace sekisho::gateway {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// A server for `host_names`; a client that names another host (SNI) is refused with
// unrecognized_name.  The chain and key must belong together and be strong enough (RSA 2048,
// P-256).
Result<TlsContext> web_server_context(const std::string& certificate_path,
                                      const std::string& key_path,
                                      const std::vector<std::string>& host_names);

// The server that terminals talk to: a fresh key with a certificate from the segment's own
// authority, for `names`.  Clients may show a certificate of that authority; routes demand it.
Result<TlsContext> terminal_server_context(const certs::CertificateAuthority& authority,
                                           const std::vector<std::string>& names, Instant now);

// A client that verifies its server by the authorities in `ca_path`.
Result<TlsContext> upstream_context(const std::string& ca_path, const std::string& crl_path);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_TLS_H_
