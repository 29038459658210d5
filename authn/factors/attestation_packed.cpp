// The format "packed" (WebAuthn Level 3 section 8.2): signed by the maker's certificate or, with
// none, by the credential itself.

#include "authn/factors/attestation.h"
#include "authn/factors/attestation_certificate.h"
#include "authn/factors/public_key.h"
#include "authn/factors/signature.h"

namespace sekisho::authn {
namespace {

Webauthn<SoundStatement> verify_self(const AttestationStatement& statement,
                                     const AttestedCeremony& ceremony) {
  const PublicKey& key = ceremony.credential().key;
  if (*statement.algorithm != key.algorithm ||
      !has_signed(key, ceremony.message(), *statement.signature)) {
    return std::unexpected(WebauthnFault::kBadAttestation);
  }
  return SoundStatement{Attester::kCredential, {}};
}

}  // namespace

Webauthn<SoundStatement> verify_packed(const AttestationStatement& statement,
                                       const AttestedCeremony& ceremony) {
  if (!statement.algorithm || !statement.signature || statement.version || statement.cert_info ||
      statement.pub_area) {
    return std::unexpected(WebauthnFault::kMalformedAttestation);
  }
  if (!is_attestation_algorithm(*statement.algorithm)) {
    return std::unexpected(WebauthnFault::kUnsupportedAttestation);
  }
  if (!statement.certificates) return verify_self(statement, ceremony);
  const auto signer = signer_of(*statement.certificates);
  if (!signer) return std::unexpected(signer.error());
  X509* const certificate = signer->get();
  EVP_PKEY* const key = X509_get0_pubkey(certificate);
  if (!is_packed_attestation_certificate(certificate)) {
    return std::unexpected(WebauthnFault::kBadCertificate);
  }
  if (is_for_another_model(certificate, ceremony.credential().aaguid)) {
    return std::unexpected(WebauthnFault::kWrongModel);
  }
  if (!fits(key, *statement.algorithm) ||
      !has_signed(key, *statement.algorithm, ceremony.message(), *statement.signature)) {
    return std::unexpected(WebauthnFault::kBadAttestation);
  }
  return SoundStatement{Attester::kCertificate, *statement.certificates};
}

}  // namespace sekisho::authn
