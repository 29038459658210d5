#include "base/sealing.h"

#include <openssl/evp.h>

#include <memory>

namespace sekisho {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::string_view kPurpose = "sekisho seal v1";

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherContext new_context() {
  return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
}

}  // namespace

Result<Sealed> seal(const Keyring& keyring, Random& random, const Secret& plain,
                    std::string_view associated_data) {
  const Result<Secret> key = keyring.derive(keyring.current_id(), kPurpose);
  if (!key) return fail(key.error());
  Bytes out = random.bytes(kNonceBytes);
  out.resize(kNonceBytes + plain.size() + kTagBytes);
  std::uint8_t* const text = out.data() + kNonceBytes;
  const ByteView bound = as_bytes(associated_data);
  const CipherContext context = new_context();
  int length = 0;
  int last = 0;
  const bool sealed =
      context != nullptr &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key->reveal().data(),
                         out.data()) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &length, bound.data(),
                        static_cast<int>(bound.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), text, &length, plain.reveal().data(),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), text + length, &last) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, text + plain.size()) == 1;
  if (!sealed) return fail(ErrorCode::kInternal, "AES-256-GCM could not seal");
  return Sealed{keyring.current_id(), std::move(out)};
}

Result<Secret> unseal(const Keyring& keyring, const Sealed& sealed,
                      std::string_view associated_data) {
  const Result<Secret> key = keyring.derive(sealed.key_id, kPurpose);
  if (!key) return fail(key.error());
  if (sealed.bytes.size() < kNonceBytes + kTagBytes) {
    return fail(ErrorCode::kCorrupt, "a sealed value is too short");
  }
  const std::size_t size = sealed.bytes.size() - kNonceBytes - kTagBytes;
  const std::uint8_t* const text = sealed.bytes.data() + kNonceBytes;
  Bytes tag(text + size, text + size + kTagBytes);
  Bytes plain(size);
  const ByteView bound = as_bytes(associated_data);
  const CipherContext context = new_context();
  int length = 0;
  const bool opened =
      context != nullptr &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key->reveal().data(),
                         sealed.bytes.data()) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &length, bound.data(),
                        static_cast<int>(bound.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), plain.data(), &length, text, static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), plain.data() + length, &length) == 1;
  // Wiped by Secret also when the tag did not match.
  Secret secret(std::move(plain));
  if (!opened) {
    return fail(ErrorCode::kCorrupt,
                "a sealed value does not open with key " + sealed.key_id +
                    ": the key is not the one it was sealed with, or the row was changed");
  }
  return secret;
}

}  // namespace sekisho
