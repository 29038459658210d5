// A maker of security keys: certificates as attestations need them, good and bad, and signatures.
#ifndef SEKISHO_TESTS_FACTORS_ATTESTATION_MAKER_H_
#define SEKISHO_TESTS_FACTORS_ATTESTATION_MAKER_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authn/factors/openssl_handles.h"
#include "base/bytes.h"
#include "base/clock.h"

namespace sekisho::testing {

enum class KeyKind { kP256, kP384, kEd25519, kRsa1024, kRsa2048 };

authn::KeyHandle make_key(KeyKind kind);

// DER for ECDSA; with SHA-256, or what the key's curve demands.
Bytes signature_of(EVP_PKEY* key, ByteView message);

// A certificate; the defaults are those of section 8.2.1.
struct CertificateDraft {
  int version = 3;
  std::vector<std::pair<std::string, std::string>> subject = {
      {"C", "JP"}, {"O", "Maker of Keys"}, {"OU", "Authenticator Attestation"}, {"CN", "Model 1"}};
  // Names (or dotted numbers) and values as OpenSSL's configuration writes them.
  std::vector<std::pair<std::string, std::string>> extensions = {
      {"basicConstraints", "critical,CA:FALSE"}};
  // tcg maker, model, version; empty: no alternative name.
  std::vector<std::string> tpm_names;
  Instant from = instant_of(1'700'000'000'000);
  Instant until = instant_of(2'000'000'000'000);
};

// The defaults of section 8.3.1.
CertificateDraft tpm_certificate_draft();
CertificateDraft authority_draft(std::string name);

struct Issuer {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
};

// Signed by `issuer`, or by `key` itself.
authn::CertificateHandle issue(const CertificateDraft& draft, EVP_PKEY* key,
                               std::optional<Issuer> issuer = {});

Bytes der_of(X509* certificate);
std::string pem_of(X509* certificate);

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_FACTORS_ATTESTATION_MAKER_H_
