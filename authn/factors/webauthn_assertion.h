// Verifying that a registered security key signed our challenge (WebAuthn Level 3 section 7.2).

#ifndef SEKISHO_AUTHN_FACTORS_WEBAUTHN_ASSERTION_H_
#define SEKISHO_AUTHN_FACTORS_WEBAUTHN_ASSERTION_H_

#include <cstdint>
#include <span>
#include <string>

#include "authn/factors/authenticator_data.h"
#include "authn/factors/webauthn_fault.h"
#include "base/bytes.h"

namespace sekisho::authn {

// What was remembered of a key when it was registered, and of its last use.
struct RegisteredKey {
  PublicKey key;
  bool is_backup_eligible = false;
  std::uint32_t sign_count = 0;
};

struct ExpectedAssertion {
  std::string rp_id;
  std::span<const std::string> origins;
  ByteView challenge;
  bool requires_user_verification = false;
};

// As they came; nothing of it is believed before it is verified.
struct Assertion {
  ByteView client_data;
  ByteView authenticator_data;
  ByteView signature;
};

struct VerifiedAssertion {
  bool is_user_verified = false;
  bool is_backed_up = false;
  std::uint32_t sign_count = 0;
  // The counter did not grow (step 22): the key may have been cloned.  The policy decides.
  bool is_clone_suspected = false;
};

// Steps 7 to 22.  That the key is one of those that were asked for, and belongs to the person
// (steps 5 and 6), and that the challenge is good once (step 11) is the caller's to know.
Webauthn<VerifiedAssertion> verify_assertion(const RegisteredKey& key,
                                             const ExpectedAssertion& expected,
                                             const Assertion& assertion);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_WEBAUTHN_ASSERTION_H_
