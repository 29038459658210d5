// Ed25519 signatures (RFC 8032) by OpenSSL, with keys in PEM files.

#ifndef SEKISHO_BASE_SIGNING_H_
#define SEKISHO_BASE_SIGNING_H_

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

struct evp_pkey_st;

namespace sekisho {

class VerifyingKey {
 public:
  // SubjectPublicKeyInfo in PEM; kInvalid when it is not an Ed25519 key.
  static Result<VerifyingKey> parse(std::string_view pem);
  bool verifies(ByteView message, ByteView signature) const;
  std::string pem() const;

 private:
  friend class SigningKey;
  explicit VerifyingKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

class SigningKey {
 public:
  // A new key, as PKCS#8 PEM text for a file.
  static Result<Secret> new_pem();
  static Result<SigningKey> parse(const Secret& pem);
  // Reads `path`; kDenied when others can read it.
  static Result<SigningKey> load(const std::string& path);

  Result<Bytes> sign(ByteView message) const;
  // The public half.
  VerifyingKey verifying_key() const { return VerifyingKey(key_); }

 private:
  explicit SigningKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace sekisho

#endif  // SEKISHO_BASE_SIGNING_H_
