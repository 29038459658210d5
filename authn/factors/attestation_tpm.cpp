// The format "tpm" (WebAuthn Level 3 section 8.3): a Trusted Platform Module certifies a key of
// its own (TPM2_Certify) with an attestation key that its maker or owner certified.

#include <algorithm>

#include "authn/factors/attestation.h"
#include "authn/factors/attestation_certificate.h"
#include "authn/factors/public_key.h"
#include "authn/factors/signature.h"
#include "authn/factors/tpm_structures.h"

namespace sekisho::authn {
namespace {

bool is_same_key(const TpmPublicKey& tpm, const PublicKey& key) {
  const std::uint16_t curve = key.algorithm == kEs256   ? kTpmP256
                              : key.algorithm == kEs384 ? kTpmP384
                                                        : 0;
  const std::size_t half = key.bytes.size() / 2;
  return curve != 0 && tpm.curve == curve && tpm.x.size() == half && tpm.y.size() == half &&
         std::ranges::equal(tpm.x, ByteView(key.bytes).first(half)) &&
         std::ranges::equal(tpm.y, ByteView(key.bytes).last(half));
}

// | nameAlg, 2 | digest of pubArea |  (TPM 2.0 Library Specification, Part 1 section 16).  A name
// by SHA-1 proves nothing.
bool is_name_of(ByteView name, const TpmPublicKey& key, ByteView pub_area) {
  if (key.name_algorithm != kTpmSha256 && key.name_algorithm != kTpmSha384) return false;
  const auto digest = digest_for(key.name_algorithm == kTpmSha256 ? kEs256 : kEs384, pub_area);
  return digest && name.size() == 2 + digest->size() && name[0] == 0 &&
         name[1] == key.name_algorithm && std::ranges::equal(name.subspan(2), *digest);
}

// That certInfo speaks of pubArea, pubArea of the credential, and both of this ceremony.
bool is_about(const AttestationStatement& statement, const AttestedCeremony& ceremony) {
  const auto key = read_tpm_public_key(*statement.pub_area);
  const auto certification = read_tpm_certification(*statement.cert_info);
  const auto digest = digest_for(*statement.algorithm, ceremony.message());
  return key && certification && digest && is_same_key(*key, ceremony.credential().key) &&
         std::ranges::equal(certification->extra_data, *digest) &&
         is_name_of(certification->attested_name, *key, *statement.pub_area);
}

}  // namespace

Webauthn<SoundStatement> verify_tpm(const AttestationStatement& statement,
                                    const AttestedCeremony& ceremony) {
  if (!statement.algorithm || !statement.signature || !statement.certificates ||
      statement.version != "2.0" || !statement.cert_info || !statement.pub_area) {
    return std::unexpected(WebauthnFault::kMalformedAttestation);
  }
  // EdDSA names no digest that extraData could hold.
  if (!is_attestation_algorithm(*statement.algorithm) || *statement.algorithm == kEdDsa) {
    return std::unexpected(WebauthnFault::kUnsupportedAttestation);
  }
  const auto signer = signer_of(*statement.certificates);
  if (!signer) return std::unexpected(signer.error());
  X509* const certificate = signer->get();
  EVP_PKEY* const key = X509_get0_pubkey(certificate);
  if (!is_tpm_attestation_certificate(certificate)) {
    return std::unexpected(WebauthnFault::kBadCertificate);
  }
  if (is_for_another_model(certificate, ceremony.credential().aaguid)) {
    return std::unexpected(WebauthnFault::kWrongModel);
  }
  if (!is_about(statement, ceremony) || !fits(key, *statement.algorithm) ||
      !has_signed(key, *statement.algorithm, *statement.cert_info, *statement.signature)) {
    return std::unexpected(WebauthnFault::kBadAttestation);
  }
  return SoundStatement{Attester::kCertificate, *statement.certificates};
}

}  // namespace sekisho::authn
