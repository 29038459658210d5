// The format "fido-u2f" (WebAuthn Level 3 section 8.6): keys older than CTAP 2.
//
// Signed are, one after the other:
//
//   | 0x00 | rpIdHash, 32 | client data hash, 32 | credential id | 0x04 | x, 32 | y, 32 |
//
// and nothing else of the authenticator data.  So nothing may be claimed there that such a key
// cannot do: it verifies nobody and keeps no copies.

#include "authn/factors/attestation.h"
#include "authn/factors/signature.h"

namespace sekisho::authn {
namespace {

Bytes signed_bytes(const AttestedCeremony& ceremony) {
  const AttestedCredential& credential = ceremony.credential();
  Bytes message = {0x00};
  const auto append = [&](ByteView part) {
    message.insert(message.end(), part.begin(), part.end());
  };
  append(ceremony.data.rp_id_hash);
  append(ceremony.client_data_hash);
  append(credential.id);
  message.push_back(0x04);
  append(credential.key.bytes);
  return message;
}

bool is_as_u2f_makes_it(const AuthenticatorData& data) {
  return !data.is_user_verified && !data.is_backup_eligible && !data.is_backed_up &&
         !data.has_extensions && data.credential->key.algorithm == kEs256;
}

}  // namespace

Webauthn<SoundStatement> verify_fido_u2f(const AttestationStatement& statement,
                                         const AttestedCeremony& ceremony) {
  if (!statement.signature || !statement.certificates || statement.certificates->size() != 1 ||
      statement.algorithm || statement.version || statement.cert_info || statement.pub_area) {
    return std::unexpected(WebauthnFault::kMalformedAttestation);
  }
  const auto signer = signer_of(*statement.certificates);
  if (!signer) return std::unexpected(signer.error());
  EVP_PKEY* const key = X509_get0_pubkey(signer->get());
  if (!fits(key, kEs256)) return std::unexpected(WebauthnFault::kBadCertificate);
  if (!is_as_u2f_makes_it(ceremony.data) ||
      !has_signed(key, kEs256, signed_bytes(ceremony), *statement.signature)) {
    return std::unexpected(WebauthnFault::kBadAttestation);
  }
  return SoundStatement{Attester::kCertificate, *statement.certificates};
}

}  // namespace sekisho::authn
