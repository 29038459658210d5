// Authenticator data: what the key itself says and signs (WebAuthn Level 3 section 6.1).

#ifndef SEKISHO_AUTHN_FACTORS_AUTHENTICATOR_DATA_H_
#define SEKISHO_AUTHN_FACTORS_AUTHENTICATOR_DATA_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "authn/factors/public_key.h"
#include "authn/factors/webauthn_fault.h"
#include "base/bytes.h"

namespace sekisho::authn {

inline constexpr std::size_t kMaxAuthenticatorData = 8192;  // bytes
inline constexpr std::size_t kMaxCredentialId = 1023;       // bytes; section 7.1 step 25
inline constexpr std::size_t kAaguidBytes = 16;

// The views end with the bytes they were read from.
struct AttestedCredential {
  ByteView aaguid;  // kAaguidBytes
  ByteView id;      // at most kMaxCredentialId
  PublicKey key;
};

struct AuthenticatorData {
  ByteView rp_id_hash;  // 32 bytes
  bool is_user_present = false;
  bool is_user_verified = false;
  bool is_backup_eligible = false;
  bool is_backed_up = false;
  std::uint32_t sign_count = 0;
  std::optional<AttestedCredential> credential;  // in a registration
  bool has_extensions = false;
  int cred_protect = 0;  // CTAP 2.1 section 12.1: 1..3 in a registration; 0: not reported
};

// Every byte must belong to something: nothing is left over, nothing is missing.
// kMalformedAuthenticatorData, or kUnsupportedKey for a public key we do not take.
Webauthn<AuthenticatorData> read_authenticator_data(ByteView bytes);

// Section 7.1 steps 14 to 17, section 7.2 steps 15 to 18.
Webauthn<void> check_authenticator_data(const AuthenticatorData& data, std::string_view rp_id,
                                        bool requires_user_verification);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_AUTHENTICATOR_DATA_H_
