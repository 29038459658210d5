#include "agent/tls.h"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>

namespace sekisho::agent {
namespace {

namespace ssl = boost::asio::ssl;

constexpr const char* kSuites12 =
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256";

std::unexpected<Error> refused(const char* what, const boost::system::error_code& ec) {
  return fail(ErrorCode::kInvalid, std::string(what) + ": " + ec.message());
}

TlsContext plain_context() {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, kSuites12);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  return context;
}

}  // namespace

Result<TlsContext> tls_trusting(const std::string& ca_pem) {
  TlsContext context = plain_context();
  boost::system::error_code ec;
  context->set_verify_mode(ssl::verify_peer, ec);
  if (ec) return refused("cannot demand a certificate", ec);
  context->add_certificate_authority(boost::asio::buffer(ca_pem), ec);
  if (ec) return refused("cannot read the authority's certificate", ec);
  return context;
}

Result<TlsContext> tls_of_terminal(const TerminalIdentity& identity) {
  Result<TlsContext> context = tls_trusting(identity.ca_pem);
  if (!context) return context;
  boost::system::error_code ec;
  (*context)->use_certificate_chain(boost::asio::buffer(identity.certificate_pem), ec);
  if (ec) return refused("cannot use the terminal's certificate", ec);
  const ByteView key = identity.private_key_pem.reveal();
  (*context)->use_private_key(boost::asio::buffer(key.data(), key.size()), ssl::context::pem, ec);
  if (ec) return refused("cannot use the terminal's key", ec);
  return context;
}

bool speaks_as(const TlsContext& tls, const TerminalIdentity& identity) {
  const Result<certs::CertificateHandle> other = certs::read_certificate(identity.certificate_pem);
  const X509* const own = SSL_CTX_get0_certificate(tls->native_handle());
  return other && own != nullptr && X509_cmp(own, other->get()) == 0;
}

std::string name_in(const TlsContext& tls) {
  X509* const own = SSL_CTX_get0_certificate(tls->native_handle());
  if (own == nullptr) return {};
  const Result<certs::CertificateFacts> facts = certs::facts_of(own);
  return facts ? facts->subject : std::string();
}

Result<TlsContext> tls_for_a_look() {
  TlsContext context = plain_context();
  boost::system::error_code ec;
  context->set_verify_mode(ssl::verify_none, ec);
  if (ec) return refused("cannot prepare TLS", ec);
  return context;
}

}  // namespace sekisho::agent
