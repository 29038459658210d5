// Why a WebAuthn ceremony was refused, for the audit log.  The section numbers are those of
// WebAuthn Level 3, sections 7.1 (registration) and 7.2 (assertion).

#ifndef SEKISHO_AUTHN_FACTORS_WEBAUTHN_FAULT_H_
#define SEKISHO_AUTHN_FACTORS_WEBAUTHN_FAULT_H_

#include <expected>
#include <string_view>

namespace sekisho::authn {

enum class WebauthnFault {
  kMalformedClientData,         // no JSON object, a member twice, or of the wrong kind
  kWrongType,                   // of another ceremony
  kWrongChallenge,              // not the one that was issued
  kWrongOrigin,                 // another site or terminal
  kCrossOrigin,                 // from inside a frame
  kMalformedAuthenticatorData,  // cut short, bytes left over, or no CBOR where it belongs
  kWrongRelyingParty,           // for another relying party
  kNotPresent,                  // nobody touched the key
  kNotVerified,                 // no PIN or biometrics where the policy wants them
  kImpossibleBackupState,       // backed up, and not eligible for it
  kBackupEligibilityChanged,    // the key is not what was registered
  kUnsupportedKey,              // an algorithm that was not offered, or a malformed public key
  kBadSignature,
  kSyncable,                // a credential that may leave its key where none may
  kMalformedAttestation,    // cut short, bytes left over, members missing, unknown or of the wrong
                            // kind
  kUnsupportedAttestation,  // a format or an algorithm of attestation that we do not take
  kBadCertificate,          // a certificate that may not vouch for keys
  kWrongModel,              // a certificate for another model of key
  kBadAttestation,          // the statement is of something else, or nobody signed it
};

std::string_view name_of(WebauthnFault fault);

template <typename T>
using Webauthn = std::expected<T, WebauthnFault>;

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_WEBAUTHN_FAULT_H_
