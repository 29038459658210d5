// The segment's own certificate authority.  Start here.
//
// One self-signed certificate signs two kinds of leaves (RFC 5280): a terminal's, which names the
// terminal and serves as a TLS client, and a server's, which names hosts and addresses and serves
// as a TLS server.  Neither can be used as the other, and neither can sign.  Of a request only
// the public key is taken: names, uses and validity are ours to say.

#ifndef SEKISHO_CERTS_AUTHORITY_H_
#define SEKISHO_CERTS_AUTHORITY_H_

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "certs/certificate.h"
#include "certs/openssl_handles.h"

namespace sekisho::certs {

// From `not_before`, which is five minutes before `now` so that a slow clock accepts it at once.
struct Validity {
  Instant now;
  std::chrono::seconds length;  // counted from `now`; positive
};

struct IssuedCertificate {
  std::string pem;          // the leaf alone
  std::string serial;       // lower-case hexadecimal, 128 random bits
  std::string fingerprint;  // see fingerprint() in certs/certificate.h
  Instant not_after;        // never later than the authority's own
};

class CertificateAuthority {
 public:
  struct Files {
    std::string certificate_pem;
    Secret private_key_pem;
  };

  // A new P-256 key and its self-signed certificate: 20 years, no authority below it.
  // `common_name`: 1 to 64 bytes of UTF-8 without control characters.
  static Result<Files> create(std::string_view common_name, Instant now);

  // kInvalid when the certificate is not that of an authority, when the key is not the
  // certificate's, or when either is weaker than we issue.
  static Result<CertificateAuthority> load(std::string_view certificate_pem,
                                           const Secret& private_key_pem);

  // A certificate for TLS clients with the subject `name` and the URI of `id` and `generation`.
  // kInvalid when the request is malformed, is not signed by its own key, or holds a key other
  // than ECDSA on P-256 or P-384, or RSA of 2048 to 8192 bits.
  Result<IssuedCertificate> issue_terminal(std::string_view csr_pem,
                                           const TerminalIdentity& terminal,
                                           const Validity& validity) const;

  // A certificate for TLS servers reached by `names`: host names (a leading "*." label is
  // allowed) and IP addresses, at least one.  Requests are judged as above.
  Result<IssuedCertificate> issue_server(std::string_view csr_pem,
                                         std::span<const std::string> names,
                                         const Validity& validity) const;

  const std::string& certificate_pem() const { return certificate_pem_; }
  const CertificateFacts& facts() const { return facts_; }

 private:
  CertificateAuthority() = default;
  struct Leaf;
  Result<IssuedCertificate> issue(std::string_view csr_pem, const Leaf& leaf,
                                  const Validity& validity) const;

  CertificateHandle certificate_;
  KeyHandle key_;
  std::string certificate_pem_;
  CertificateFacts facts_;
};

}  // namespace sekisho::certs

#endif  // SEKISHO_CERTS_AUTHORITY_H_
