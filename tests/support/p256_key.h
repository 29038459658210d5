// A key pair on P-256 by OpenSSL: for signatures (ES256) and for agreeing on a secret (ECDH).
#ifndef SEKISHO_TESTS_SUPPORT_P256_KEY_H_
#define SEKISHO_TESTS_SUPPORT_P256_KEY_H_

#include <memory>

#include "base/bytes.h"
#include "tests/support/cbor_value.h"

struct evp_pkey_st;

namespace sekisho::testing {

// Throws std::runtime_error where OpenSSL refuses.
class P256Key {
 public:
  static P256Key make();
  static P256Key from_pkcs8(ByteView der);

  Bytes pkcs8() const;
  Bytes coordinates() const;  // x and y, 64 bytes
  Bytes sign(ByteView message) const;
  // With the other side's x and y: the x coordinate of the shared point.
  Bytes agree(ByteView coordinates) const;
  // COSE (RFC 9053); `algorithm` is -7 (ES256) or -25 (ECDH-ES + HKDF-256).
  Cbor cose(int algorithm) const;

 private:
  explicit P256Key(evp_pkey_st* key);
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_P256_KEY_H_
