#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/sha.h>

#include <cstdlib>

namespace sekisho {

Digest sha256(ByteView bytes) {
  // The one-shot function: no context to allocate, which the forward-auth check would feel.
  Digest digest;
  if (::SHA256(bytes.data(), bytes.size(), digest.data()) == nullptr) std::abort();
  return digest;
}

Digest hmac_sha256(ByteView key, ByteView message) {
  Digest digest;
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
           digest.data(), &length) == nullptr ||
      length != digest.size()) {
    std::abort();
  }
  return digest;
}

Secret derive_key(ByteView key, std::string_view label, std::size_t count) {
  Bytes out(count);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr);
  std::size_t length = out.size();
  const ByteView info = as_bytes(label);
  const bool derived =
      context != nullptr && EVP_PKEY_derive_init(context) > 0 &&
      EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) > 0 &&
      EVP_PKEY_CTX_set1_hkdf_key(context, key.data(), static_cast<int>(key.size())) > 0 &&
      EVP_PKEY_CTX_add1_hkdf_info(context, info.data(), static_cast<int>(info.size())) > 0 &&
      EVP_PKEY_derive(context, out.data(), &length) > 0 && length == count;
  EVP_PKEY_CTX_free(context);
  if (!derived) std::abort();
  return Secret(std::move(out));
}

bool equals_in_constant_time(ByteView left, ByteView right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace sekisho
