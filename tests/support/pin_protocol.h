// The key's side of the PIN/UV auth protocols one and two (CTAP 2.1 sections 6.5.6 and 6.5.7).
#ifndef SEKISHO_TESTS_SUPPORT_PIN_PROTOCOL_H_
#define SEKISHO_TESTS_SUPPORT_PIN_PROTOCOL_H_

#include <optional>

#include "base/bytes.h"
#include "tests/support/cbor_value.h"
#include "tests/support/p256_key.h"

namespace sekisho::testing {

// What the two sides agreed on.
struct PinSecret {
  int protocol = 2;
  Bytes hmac_key;  // 32 bytes each; the same in protocol one
  Bytes aes_key;
};

// nullopt when `platform_key` is no COSE key on P-256.
std::optional<PinSecret> agreed_secret(int protocol, const P256Key& key, const Cbor& platform_key);

// nullopt when the length is wrong.
std::optional<Bytes> decrypted(const PinSecret& secret, ByteView text);
Bytes encrypted(const PinSecret& secret, ByteView text);

// Whether `mac` authenticates `message` with a pinUvAuthToken.
bool is_authentic(int protocol, ByteView token, ByteView message, ByteView mac);

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_PIN_PROTOCOL_H_
