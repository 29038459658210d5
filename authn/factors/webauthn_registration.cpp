#include "authn/factors/webauthn_registration.h"

#include "authn/factors/attestation.h"
#include "authn/factors/attestation_object.h"
#include "authn/factors/authenticator_data.h"
#include "authn/factors/client_data.h"

namespace sekisho::authn {
namespace {

AttestationTrust trust_in(const SoundStatement& statement, const ExpectedRegistration& expected) {
  switch (statement.attester) {
    case Attester::kNobody:
      return AttestationTrust::kNone;
    case Attester::kCredential:
      return AttestationTrust::kSelf;
    case Attester::kCertificate:
      break;
  }
  std::vector<Bytes> chain;
  for (const ByteView certificate : statement.chain) chain.push_back(copy_of(certificate));
  return expected.anchors != nullptr && expected.anchors->lead_to(chain, expected.now)
             ? AttestationTrust::kAnchored
             : AttestationTrust::kUnanchored;
}

// Steps 14 to 20, and that there is a credential.
Webauthn<void> check_data(const AuthenticatorData& data, const ExpectedRegistration& expected) {
  const auto checked =
      check_authenticator_data(data, expected.rp_id, expected.requires_user_verification);
  if (!checked) return checked;
  if (!data.credential) return std::unexpected(WebauthnFault::kMalformedAuthenticatorData);
  if (data.is_backup_eligible && !expected.allows_syncable) {
    return std::unexpected(WebauthnFault::kSyncable);
  }
  if (!is_usable(data.credential->key)) return std::unexpected(WebauthnFault::kUnsupportedKey);
  return {};
}

}  // namespace

Webauthn<VerifiedRegistration> verify_registration(const ExpectedRegistration& expected,
                                                   const Registration& registration) {
  const auto client = check_client_data(
      registration.client_data, {Ceremony::kRegistration, expected.challenge, expected.origins});
  if (!client) return std::unexpected(client.error());
  if (registration.attestation_object.size() > kMaxAttestationObject) {
    return std::unexpected(WebauthnFault::kMalformedAttestation);
  }
  const auto object = read_attestation_object(registration.attestation_object);
  if (!object) return std::unexpected(object.error());
  const auto data = read_authenticator_data(object->authenticator_data);
  if (!data) return std::unexpected(data.error());
  const auto checked = check_data(*data, expected);
  if (!checked) return std::unexpected(checked.error());
  const auto statement =
      verify_statement(object->format, object->statement,
                       {*data, object->authenticator_data, sha256(registration.client_data)});
  if (!statement) return std::unexpected(statement.error());

  VerifiedRegistration verified;
  verified.credential_id = copy_of(data->credential->id);
  verified.key = data->credential->key;
  // U2F signs no AAGUID, so the client could have written any.
  verified.aaguid =
      object->format == "fido-u2f" ? Bytes(kAaguidBytes) : copy_of(data->credential->aaguid);
  verified.sign_count = data->sign_count;
  verified.is_user_verified = data->is_user_verified;
  verified.is_backup_eligible = data->is_backup_eligible;
  verified.is_backed_up = data->is_backed_up;
  verified.cred_protect = data->cred_protect;
  verified.format = object->format;
  verified.trust = trust_in(*statement, expected);
  return verified;
}

}  // namespace sekisho::authn
