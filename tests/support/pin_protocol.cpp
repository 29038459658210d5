#include "tests/support/pin_protocol.h"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

#include "base/digest.h"
#include "base/random.h"

namespace sekisho::testing {
namespace {

constexpr std::size_t kBlock = 16;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* one) const { EVP_CIPHER_CTX_free(one); }
};

// AES-256-CBC without padding; the length of `text` is a multiple of the block's.
Bytes through_aes(const Bytes& key, ByteView iv, ByteView text, int is_encrypting) {
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(EVP_CIPHER_CTX_new());
  Bytes out(text.size());
  int size = 0;
  if (!context ||
      EVP_CipherInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, key.data(), iv.data(),
                        is_encrypting) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_CipherUpdate(context.get(), out.data(), &size, text.data(),
                       static_cast<int>(text.size())) != 1) {
    throw std::runtime_error("OpenSSL refused AES");
  }
  return out;
}

// HKDF-SHA-256 (RFC 5869) with a salt of zeros, for 32 bytes.
Bytes derived(ByteView secret, std::string_view label) {
  const Digest salt{};
  const Digest key = hmac_sha256(salt, secret);
  Bytes message = copy_of(as_bytes(label));
  message.push_back(1);
  return copy_of(hmac_sha256(key, message));
}

}  // namespace

std::optional<PinSecret> agreed_secret(int protocol, const P256Key& key, const Cbor& platform_key) {
  const Bytes* x = platform_key.find_as<Bytes>(-2);
  const Bytes* y = platform_key.find_as<Bytes>(-3);
  if (x == nullptr || y == nullptr || x->size() != 32 || y->size() != 32) return std::nullopt;
  Bytes both = *x;
  both.insert(both.end(), y->begin(), y->end());
  const Bytes point = key.agree(both);
  if (protocol == 1) {
    const Bytes hashed = copy_of(sha256(point));
    return PinSecret{protocol, hashed, hashed};
  }
  return PinSecret{protocol, derived(point, "CTAP2 HMAC key"), derived(point, "CTAP2 AES key")};
}

std::optional<Bytes> decrypted(const PinSecret& secret, ByteView text) {
  if (text.empty() || text.size() % kBlock != 0) return std::nullopt;
  if (secret.protocol == 1) return through_aes(secret.aes_key, Bytes(kBlock), text, 0);
  if (text.size() < 2 * kBlock) return std::nullopt;
  return through_aes(secret.aes_key, text.first(kBlock), text.subspan(kBlock), 0);
}

Bytes encrypted(const PinSecret& secret, ByteView text) {
  if (secret.protocol == 1) return through_aes(secret.aes_key, Bytes(kBlock), text, 1);
  Bytes out = SystemRandom().bytes(kBlock);
  const Bytes body = through_aes(secret.aes_key, out, text, 1);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

bool is_authentic(int protocol, ByteView token, ByteView message, ByteView mac) {
  const Digest right = hmac_sha256(token, message);
  return equals_in_constant_time(ByteView(right).first(protocol == 1 ? 16 : 32), mac);
}

}  // namespace sekisho::testing
