#include "base/es256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <string_view>

namespace sekisho {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Signature = std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)>;

constexpr std::string_view kCurve = "prime256v1";
constexpr std::size_t kPointBytes = 1 + 2 * Es256Key::kCoordinateBytes;  // 4 | x | y
constexpr std::uint8_t kUncompressed = 4;
constexpr std::size_t kLongestDer = 80;  // of a signature

std::shared_ptr<EVP_PKEY> own(EVP_PKEY* key) {
  return {key, &EVP_PKEY_free};
}

bool is_on_p256(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) == 1 &&
         std::string_view(name.data(), size) == kCurve;
}

}  // namespace

Result<Es256Key> Es256Key::with_public_key(std::shared_ptr<evp_pkey_st> key) {
  Bytes point(kPointBytes);
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                      point.size(), &size) != 1 ||
      size != kPointBytes || point.front() != kUncompressed) {
    return fail(ErrorCode::kInvalid, "the P-256 key has no public half");
  }
  point.erase(point.begin());
  return Es256Key(std::move(key), std::move(point));
}

Result<Es256Key> Es256Key::make() {
  auto key = own(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (!key) return fail(ErrorCode::kInternal, "a P-256 key could not be made");
  return with_public_key(std::move(key));
}

Result<Es256Key> Es256Key::parse(const Secret& der) {
  const std::uint8_t* at = der.reveal().data();
  const std::uint8_t* const end = at + der.size();
  auto key = own(d2i_PrivateKey(EVP_PKEY_EC, nullptr, &at, static_cast<long>(der.size())));
  if (!key || at != end || !is_on_p256(key.get())) {
    return fail(ErrorCode::kInvalid, "not a private key on P-256");
  }
  return with_public_key(std::move(key));
}

Result<Secret> Es256Key::der() const {
  const int size = i2d_PrivateKey(key_.get(), nullptr);
  if (size <= 0) return fail(ErrorCode::kInternal, "the P-256 key could not be written");
  Bytes out(static_cast<std::size_t>(size));
  std::uint8_t* at = out.data();
  const int written = i2d_PrivateKey(key_.get(), &at);
  Secret secret(std::move(out));
  if (written != size) return fail(ErrorCode::kInternal, "the P-256 key could not be written");
  return secret;
}

Result<Bytes> Es256Key::sign(ByteView message) const {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<std::uint8_t, kLongestDer> der{};
  std::size_t size = der.size();
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), der.data(), &size, message.data(), message.size()) != 1) {
    return fail(ErrorCode::kInternal, "ES256 could not sign");
  }
  const std::uint8_t* at = der.data();
  const Signature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)), &ECDSA_SIG_free);
  constexpr int kHalf = kSignatureBytes / 2;
  Bytes out(kSignatureBytes);
  if (signature == nullptr ||
      BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), kHalf) != kHalf ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + kHalf, kHalf) != kHalf) {
    return fail(ErrorCode::kInternal, "ES256 could not sign");
  }
  return out;
}

}  // namespace sekisho
