// Reading certificates: whose they are, how long they hold, and their fingerprint.
//
// Nothing here says that a certificate may be trusted: that is the verifier's work (TLS, or
// X509_verify_cert) and must come first (ASVS 12.1.3).

#ifndef SEKISHO_CERTS_CERTIFICATE_H_
#define SEKISHO_CERTS_CERTIFICATE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "certs/openssl_handles.h"

namespace sekisho::certs {

// No PEM text we read is longer than this.
inline constexpr std::size_t kMaxPemBytes = 64 * 1024;

// Which terminal a certificate speaks for.  The store decides whether it may still: a terminal
// that joined again or was revoked has a higher generation.
struct TerminalIdentity {
  std::string name;
  std::int64_t id = 0;          // positive
  std::int64_t generation = 0;  // positive
  bool operator==(const TerminalIdentity&) const = default;
};

// The URI by which a terminal's certificate names it.
std::string terminal_uri(std::int64_t id, std::int64_t generation);

// 1 to 64 of a-z, A-Z, 0-9, '.', '_', '-', not beginning with '-' or '.': the same names that an
// administrator may give (authn::is_name).
bool is_terminal_name(std::string_view name);

// The identity in a certificate that was verified before.  kInvalid unless its subject is one
// common name fit for a terminal, its only alternative name the URI, written in the one way
// terminal_uri writes it, and its use clientAuth without being an authority.
Result<TerminalIdentity> parse_identity(X509* certificate);

// The first certificate of a PEM text; kInvalid when there is none or it is not well-formed.
Result<CertificateHandle> read_certificate(std::string_view pem);
// Every certificate of a PEM text, in order; at least one, at most 10.
Result<std::vector<CertificateHandle>> read_chain(std::string_view pem);
// A private key without a pass phrase (never asks for one).
Result<KeyHandle> read_private_key(const Secret& pem);
// PKCS#8 without a pass phrase.
Result<Secret> private_key_pem(const EVP_PKEY* key);

// True when the certificate's public key is that of `key`.
bool belongs_together(const X509* certificate, const EVP_PKEY* key);

// SHA-256 of the DER form, 64 lower-case hexadecimal digits.
std::string fingerprint(const X509* certificate);

// What a person or a monitor wants to know of a certificate.
struct CertificateFacts {
  std::string subject;  // the common name, or "" when there is none
  std::string fingerprint;
  std::string serial;  // lower-case hexadecimal
  Instant not_before;
  Instant not_after;
  std::vector<std::string> dns_names;     // as written
  std::vector<std::string> ip_addresses;  // canonical text
  bool is_authority = false;
};
Result<CertificateFacts> facts_of(X509* certificate);
// Of the first certificate of a PEM text.
Result<CertificateFacts> facts_of_pem(std::string_view pem);

// When a certificate should be replaced: after two thirds of its life.
Instant renewal_time(const CertificateFacts& facts);

}  // namespace sekisho::certs

#endif  // SEKISHO_CERTS_CERTIFICATE_H_
