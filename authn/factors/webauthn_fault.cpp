#include "authn/factors/webauthn_fault.h"

namespace sekisho::authn {

std::string_view name_of(WebauthnFault fault) {
  switch (fault) {
    case WebauthnFault::kMalformedClientData:
      return "malformed_client_data";
    case WebauthnFault::kWrongType:
      return "wrong_type";
    case WebauthnFault::kWrongChallenge:
      return "wrong_challenge";
    case WebauthnFault::kWrongOrigin:
      return "wrong_origin";
    case WebauthnFault::kCrossOrigin:
      return "cross_origin";
    case WebauthnFault::kMalformedAuthenticatorData:
      return "malformed_authenticator_data";
    case WebauthnFault::kWrongRelyingParty:
      return "wrong_relying_party";
    case WebauthnFault::kNotPresent:
      return "not_present";
    case WebauthnFault::kNotVerified:
      return "not_verified";
    case WebauthnFault::kImpossibleBackupState:
      return "impossible_backup_state";
    case WebauthnFault::kBackupEligibilityChanged:
      return "backup_eligibility_changed";
    case WebauthnFault::kUnsupportedKey:
      return "unsupported_key";
    case WebauthnFault::kBadSignature:
      return "bad_signature";
    case WebauthnFault::kSyncable:
      return "syncable";
    case WebauthnFault::kMalformedAttestation:
      return "malformed_attestation";
    case WebauthnFault::kUnsupportedAttestation:
      return "unsupported_attestation";
    case WebauthnFault::kBadCertificate:
      return "bad_certificate";
    case WebauthnFault::kWrongModel:
      return "wrong_model";
    case WebauthnFault::kBadAttestation:
      return "bad_attestation";
  }
  return "unknown";
}

}  // namespace sekisho::authn
