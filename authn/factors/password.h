// Password hashes: Argon2id (RFC 9106) by libargon2, keyed with a secret that is not in the
// database (NIST SP 800-63B-4 section 3.1.1.2).
//
//   $argon2id$v=19$m=19456,t=2,p=1$<salt, base64url>$<hash, base64url>

#ifndef SEKISHO_AUTHN_FACTORS_PASSWORD_H_
#define SEKISHO_AUTHN_FACTORS_PASSWORD_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace sekisho::authn {

// OWASP ASVS 5.0 appendix C.
struct Argon2Cost {
  std::uint32_t memory_kib = 19456;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
};

// 32 bytes from `input` under `salt` and `key`; about 20 ms and memory_kib of memory at the
// default cost.  kInternal when memory is short.
Result<Bytes> argon2id(ByteView input, ByteView salt, ByteView key, const Argon2Cost& cost);

Result<std::string> hash_password(const Secret& password, ByteView key, Random& random,
                                  const Argon2Cost& cost = {});

// True when `password` is the one that was hashed.  kCorrupt when `hash` is not in our form.
Result<bool> verify_password(const Secret& password, ByteView key, std::string_view hash);

// A hash that no password has, of the same cost: what an unknown user's password is verified
// against, so that the answer takes as long.
std::string decoy_password_hash(const Argon2Cost& cost = {});

// Why a new password is refused (NIST SP 800-63B-4 section 3.1.1.2: length and a blocklist, no
// composition rules), or nullptr.  English, for an administrator.
const char* password_objection(std::string_view user_name, const Secret& password);

// The longest password that is looked at, in bytes.
inline constexpr std::size_t kPasswordLimit = 256;

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_PASSWORD_H_
