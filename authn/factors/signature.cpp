#include "authn/factors/signature.h"

#include <openssl/err.h>

#include <string_view>

#include "authn/factors/openssl_handles.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kMaxSignature = 512;  // bytes: RSA with 4096 bits

const EVP_MD* digest_of(int algorithm) {
  if (algorithm == kEdDsa) return nullptr;
  return algorithm == kEs384 ? EVP_sha384() : EVP_sha256();
}

bool is_on_curve(const EVP_PKEY* key, std::string_view curve) {
  char name[32];
  std::size_t length = 0;
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, name, sizeof(name), &length) == 1 &&
         std::string_view(name, length) == curve;
}

}  // namespace

bool is_attestation_algorithm(int algorithm) {
  return algorithm == kEs256 || algorithm == kEs384 || algorithm == kEdDsa || algorithm == kRs256;
}

bool fits(const EVP_PKEY* key, int algorithm) {
  switch (algorithm) {
    case kEs256:
      return is_on_curve(key, "prime256v1");
    case kEs384:
      return is_on_curve(key, "secp384r1");
    case kEdDsa:
      return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
    case kRs256:
      return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= 2048 &&
             EVP_PKEY_get_bits(key) <= 4096;
    default:
      return false;
  }
}

bool has_signed(EVP_PKEY* key, int algorithm, ByteView message, ByteView signature) {
  if (signature.empty() || signature.size() > kMaxSignature) return false;
  const DigestContext context(EVP_MD_CTX_new());
  const bool verified =
      context &&
      EVP_DigestVerifyInit(context.get(), nullptr, digest_of(algorithm), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                       message.size()) == 1;
  ERR_clear_error();  // whatever it was, it is a "no", and not for a later caller to find
  return verified;
}

std::optional<Bytes> digest_for(int algorithm, ByteView message) {
  const EVP_MD* const method = digest_of(algorithm);
  if (method == nullptr) return std::nullopt;
  Bytes digest(static_cast<std::size_t>(EVP_MD_get_size(method)));
  if (EVP_Digest(message.data(), message.size(), digest.data(), nullptr, method, nullptr) != 1) {
    return std::nullopt;
  }
  return digest;
}

}  // namespace sekisho::authn
