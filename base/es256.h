// ES256: ECDSA with P-256 and SHA-256 (FIPS 186-5), as JOSE writes it (RFC 7518 section 3.4), by
// OpenSSL.

#ifndef SEKISHO_BASE_ES256_H_
#define SEKISHO_BASE_ES256_H_

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

struct evp_pkey_st;

namespace sekisho {

class Es256Key {
 public:
  static constexpr std::size_t kCoordinateBytes = 32;
  static constexpr std::size_t kSignatureBytes = 64;

  static Result<Es256Key> make();
  // From what der() gave, to the byte; kInvalid when it is not a private key on P-256.
  static Result<Es256Key> parse(const Secret& der);
  // ECPrivateKey (RFC 5915).
  Result<Secret> der() const;

  // The public half: x | y, 64 bytes.
  const Bytes& public_key() const { return public_key_; }
  // r | s, 64 bytes; about 20 us.
  Result<Bytes> sign(ByteView message) const;

 private:
  Es256Key(std::shared_ptr<evp_pkey_st> key, Bytes public_key)
      : key_(std::move(key)), public_key_(std::move(public_key)) {}
  static Result<Es256Key> with_public_key(std::shared_ptr<evp_pkey_st> key);
  std::shared_ptr<evp_pkey_st> key_;
  Bytes public_key_;
};

}  // namespace sekisho

#endif  // SEKISHO_BASE_ES256_H_
