// SHA-256, HMAC-SHA-256 and HKDF-SHA-256 (RFC 5869) by OpenSSL, and a comparison without timing.

#ifndef SEKISHO_BASE_DIGEST_H_
#define SEKISHO_BASE_DIGEST_H_

#include <array>

#include "base/bytes.h"
#include "base/secret.h"

namespace sekisho {

using Digest = std::array<std::uint8_t, 32>;

// These end the process when OpenSSL cannot compute (no memory, broken installation): there is
// no safe answer to go on with.
Digest sha256(ByteView bytes);
inline Digest sha256(std::string_view text) {
  return sha256(as_bytes(text));
}
Digest hmac_sha256(ByteView key, ByteView message);
// `count` bytes derived from `key` for the purpose `label`; at most 8160 (RFC 5869 section 2.3).
Secret derive_key(ByteView key, std::string_view label, std::size_t count);

// Compares in a time that depends on the lengths only.
bool equals_in_constant_time(ByteView left, ByteView right);

}  // namespace sekisho

#endif  // SEKISHO_BASE_DIGEST_H_
