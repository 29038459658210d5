// Verifying that a security key made a credential for our challenge, and who vouches for the key
// (WebAuthn Level 3 sections 7.1 and 8).

#ifndef SEKISHO_AUTHN_FACTORS_WEBAUTHN_REGISTRATION_H_
#define SEKISHO_AUTHN_FACTORS_WEBAUTHN_REGISTRATION_H_

#include <cstdint>
#include <span>
#include <string>

#include "authn/factors/public_key.h"
#include "authn/factors/trust_anchors.h"
#include "authn/factors/webauthn_fault.h"
#include "base/bytes.h"
#include "base/clock.h"

namespace sekisho::authn {

inline constexpr std::size_t kMaxAttestationObject = 12288;  // bytes

struct ExpectedRegistration {
  std::string rp_id;
  std::span<const std::string> origins;
  ByteView challenge;
  bool requires_user_verification = false;
  // Step 19: credentials that may leave the key they were made in (backup eligible).
  bool allows_syncable = false;
  // Step 23.  Must outlive the call.
  const TrustAnchors* anchors = nullptr;
  Instant now;  // certificates are judged at
};

// As it came; nothing of it is believed before it is verified.
struct Registration {
  ByteView client_data;
  ByteView attestation_object;  // at most kMaxAttestationObject
};

// Step 24: what the attestation statement is worth.
enum class AttestationTrust {
  kNone,        // no statement
  kSelf,        // signed by the credential itself: says nothing of the key's maker
  kUnanchored,  // a sound statement whose certificates lead to none of our trust anchors
  kAnchored,    // a sound statement that leads to one: the AAGUID can be believed
};

struct VerifiedRegistration {
  Bytes credential_id;  // 1..kMaxCredentialId
  PublicKey key;
  Bytes aaguid;  // kAaguidBytes; zero for U2F keys and some without attestation
  std::uint32_t sign_count = 0;
  bool is_user_verified = false;
  bool is_backup_eligible = false;
  bool is_backed_up = false;
  int cred_protect = 0;  // CTAP 2.1 section 12.1: 1..3 as the key reports it, 0: it reports none
  std::string format;    // "none", "packed", "fido-u2f", "tpm"
  AttestationTrust trust = AttestationTrust::kNone;
};

// Steps 5 to 24.  That the credential is nobody's yet (step 26), that the challenge is good once
// (step 8), and what the policy asks of `trust` and `aaguid`, is the caller's to know.
// A statement that is there must be sound, whatever the policy.
Webauthn<VerifiedRegistration> verify_registration(const ExpectedRegistration& expected,
                                                   const Registration& registration);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_WEBAUTHN_REGISTRATION_H_
