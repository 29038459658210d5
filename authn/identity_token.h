// A signed word on who is there, for an application that wants proof: a JWT (RFC 7519) under ES256
// (RFC 7515, 7518), and the key set it is verified with (RFC 7517).
//
//   base64url(header) . base64url(claims) . base64url(r | s)
//
// It keeps no state.  Which key signs and when, identity_keys.h says; what is used again,
// identity_issuer.h.

#ifndef SEKISHO_AUTHN_IDENTITY_TOKEN_H_
#define SEKISHO_AUTHN_IDENTITY_TOKEN_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authn/assurance.h"
#include "base/clock.h"
#include "base/es256.h"

namespace sekisho::authn {

struct IdentityClaims {
  std::string issuer;    // the portal's URL
  std::string audience;  // the application's host: for another one the token is worth nothing
  std::string user;
  std::string display_name;  // empty: the same as `user`
  std::vector<std::string> groups;
  Assurance assurance = Assurance::kPassword;
  std::string factors;       // as sessions remember them: "password totp"
  Instant authenticated_at;  // when the last of them was proven
  bool keys_may_be_synced = false;

  bool operator==(const IdentityClaims&) const = default;
};

// How the person proved it, in the words of RFC 8176.
//   pwd   password          otp   a code good once: TOTP or recovery
//   hwk   security key, or pop where its key may leave it ("synced")
//   user  somebody touched the security key
//   mfa   two kinds of factors, or more
// Whether a key asked for a PIN or a finger it does not say; that it asked is in the level (acr).
std::vector<std::string> methods_of(const IdentityClaims& claims);

// The token, good from `issued_at` for `life`; both are whole seconds in it (RFC 7519 section 2).
Result<std::string> identity_token(const Es256Key& key, std::string_view kid,
                                   const IdentityClaims& claims, Instant issued_at,
                                   std::chrono::milliseconds life);

// The name of a key: its thumbprint (RFC 7638) in base64url.  `public_key` is x | y.
std::string thumbprint_of(ByteView public_key);

// The JWK Set of these public keys.
std::string key_set_text(std::span<const Bytes> public_keys);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_IDENTITY_TOKEN_H_
