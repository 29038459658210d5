// Authenticator data: what the key itself says and signs (WebAuthn Level 3 section 6.1).

#ifndef SEKISHO_AUTHN_FACTORS_AUTHENTICATOR_DATA_H_
#define SEKISHO_AUTHN_FACTORS_AUTHENTICATOR_DATA_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "authn/factors/webauthn_fault.h"
#include "base/bytes.h"

namespace sekisho::authn {

inline constexpr std::size_t kMaxAuthenticatorData = 8192;  // bytes
inline constexpr std::size_t kMaxCredentialId = 1023;       // bytes; section 7.1 step 25

// A public key as it is kept: the algorithm's number and its bare coordinates.
struct PublicKey {
  int algorithm = 0;  // COSE: -7 ES256, -8 EdDSA, -35 ES384
  Bytes bytes;        // x and y, 64 or 96 bytes; 32 bytes for EdDSA
};

// The views end with the bytes they were read from.
struct AttestedCredential {
  ByteView aaguid;  // 16 bytes
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
};

// Every byte must belong to something: nothing is left over, nothing is missing.
// kMalformedAuthenticatorData, or kUnsupportedKey for a public key we do not take.
Webauthn<AuthenticatorData> read_authenticator_data(ByteView bytes);

// Section 7.1 steps 14 to 17, section 7.2 steps 15 to 18.
Webauthn<void> check_authenticator_data(const AuthenticatorData& data, std::string_view rp_id,
                                        bool requires_user_verification);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_AUTHENTICATOR_DATA_H_
