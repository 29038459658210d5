#include "gateway/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "certs/certificate.h"
#include "certs/csr.h"

namespace sekisho::gateway {
namespace {

namespace ssl = boost::asio::ssl;
// Of a peer's certificates; OpenSSL makes room for what is announced.
constexpr long kMostChainBytes = 32 * 1024;
constexpr std::chrono::hours kServerCertificateLife{24 * 30};

Error openssl_error(std::string what) {
  char text[256] = "unknown";
  if (const unsigned long code = ERR_get_error(); code != 0) {
    ERR_error_string_n(code, text, sizeof text);
  }
  ERR_clear_error();
  return {ErrorCode::kInvalid, std::move(what) + ": " + text};
}

Result<TlsContext> new_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(native, 0);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_early_data(native, 0);
  SSL_CTX_set_max_cert_list(native, kMostChainBytes);
  SSL_CTX_set_read_ahead(native, 1);  // a record in one system call, not its head and then its body
  const bool is_set =
      SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) == 1 &&
      SSL_CTX_set_cipher_list(native,
                              "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                              "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256") == 1 &&
      SSL_CTX_set1_groups_list(native, "X25519:P-256") == 1;
  if (!is_set) return fail(openssl_error("TLS could not be set up"));
  return context;
}

// The name a client asks for.  No name at all is let through: the Host field decides then.
int choose_server_name(SSL* connection, int* alert, void* argument) {
  const auto* names = static_cast<const std::vector<std::string>*>(argument);
  const char* asked = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (asked == nullptr) return SSL_TLSEXT_ERR_NOACK;
  const std::string name = lower_case(asked);
  if (std::find(names->begin(), names->end(), name) != names->end()) return SSL_TLSEXT_ERR_OK;
  *alert = SSL_AD_UNRECOGNIZED_NAME;
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void free_names(void*, void* names, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<std::vector<std::string>*>(names);
}

void accept_only(SSL_CTX* native, std::vector<std::string> names) {
  static const int slot = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_names);
  auto* kept = new std::vector<std::string>(std::move(names));  // freed with the context
  SSL_CTX_set_ex_data(native, slot, kept);
  SSL_CTX_set_tlsext_servername_callback(native, &choose_server_name);
  SSL_CTX_set_tlsext_servername_arg(native, kept);
}

// HTTP/1.1 only; a client that insists on another protocol is refused.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length,
                    const unsigned char* offered, unsigned offered_length, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kHttp11, sizeof kHttp11 - 1, offered,
                            offered_length) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<void> use_chain(SSL_CTX* native, std::string_view chain_pem, const Secret& key_pem,
                       const std::string& where) {
  auto chain = certs::read_chain(chain_pem);
  if (!chain) return fail(chain.error().code, where + ": " + chain.error().message);
  auto key = certs::read_private_key(key_pem);
  if (!key) return fail(key.error().code, where + ": " + key.error().message);
  if (!certs::belongs_together(chain->front().get(), key->get())) {
    return fail(ErrorCode::kInvalid,
                where + ": the certificate and the key do not belong together");
  }
  SSL_CTX_set_security_level(native, 2);  // 112 bits: RSA 2048, SHA-256
  if (SSL_CTX_use_certificate(native, chain->front().get()) != 1 ||
      SSL_CTX_use_PrivateKey(native, key->get()) != 1) {
    return fail(openssl_error(where));
  }
  for (std::size_t i = 1; i < chain->size(); ++i) {
    if (SSL_CTX_add1_chain_cert(native, (*chain)[i].get()) != 1) return fail(openssl_error(where));
  }
  return {};
}

}  // namespace

Result<TlsContext> web_server_context(const std::string& certificate_path,
                                      const std::string& key_path,
                                      const std::vector<std::string>& host_names) {
  Result<TlsContext> context = new_context(ssl::context::tls_server);
  if (!context) return context;
  SSL_CTX* const native = (*context)->native_handle();
  const Result<std::string> chain = read_file(certificate_path, certs::kMaxPemBytes);
  if (!chain) return fail(chain.error());
  const Result<Secret> key = read_secret_file(key_path, certs::kMaxPemBytes);
  if (!key) return fail(key.error());
  if (auto used = use_chain(native, *chain, *key, certificate_path); !used) {
    return fail(used.error());
  }
  SSL_CTX_set_alpn_select_cb(native, &choose_protocol, nullptr);
  accept_only(native, host_names);
  return context;
}

Result<TlsContext> terminal_server_context(const certs::CertificateAuthority& authority,
                                           const std::vector<std::string>& names, Instant now) {
  Result<TlsContext> context = new_context(ssl::context::tls_server);
  if (!context) return context;
  SSL_CTX* const native = (*context)->native_handle();
  const Result<certs::NewKey> key = certs::make_key_and_csr("sekishod");
  if (!key) return fail(key.error());
  const auto issued = authority.issue_server(key->csr_pem, names, {now, kServerCertificateLife});
  if (!issued) return fail(issued.error());
  if (auto used = use_chain(native, issued->pem + authority.certificate_pem(), key->private_key_pem,
                            "the terminal listener");
      !used) {
    return fail(used.error());
  }
  auto ca = certs::read_certificate(authority.certificate_pem());
  if (!ca) return fail(ca.error());
  X509_STORE* const trusted = SSL_CTX_get_cert_store(native);
  if (X509_STORE_add_cert(trusted, ca->get()) != 1 ||
      SSL_CTX_add_client_CA(native, ca->get()) != 1 ||
      SSL_CTX_set_purpose(native, X509_PURPOSE_SSL_CLIENT) != 1) {
    return fail(openssl_error("the terminal listener"));
  }
  // Not FAIL_IF_NO_PEER_CERT: a terminal that is about to join has none yet.
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  return context;
}

Result<TlsContext> upstream_context(const std::string& ca_path, const std::string& crl_path) {
  Result<TlsContext> context = new_context(ssl::context::tls_client);
  if (!context) return context;
  SSL_CTX* const native = (*context)->native_handle();
  if (SSL_CTX_load_verify_file(native, ca_path.c_str()) != 1) {
    return fail(openssl_error(ca_path));
  }
  if (!crl_path.empty()) {
    X509_STORE* const trusted = SSL_CTX_get_cert_store(native);
    X509_LOOKUP* const files = X509_STORE_add_lookup(trusted, X509_LOOKUP_file());
    if (files == nullptr || X509_load_crl_file(files, crl_path.c_str(), X509_FILETYPE_PEM) < 1 ||
        X509_STORE_set_flags(trusted, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) != 1) {
      return fail(openssl_error(crl_path));
    }
  }
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  return context;
}

}  // namespace sekisho::gateway
