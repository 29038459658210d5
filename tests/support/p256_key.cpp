#include "tests/support/p256_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <array>
#include <stdexcept>

namespace sekisho::testing {
namespace {

template <typename T, void (*free_one)(T*)>
struct Free {
  void operator()(T* one) const { free_one(one); }
};
using Context = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using Hashing = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX, EVP_MD_CTX_free>>;

void demand(bool is_done) {
  if (!is_done) throw std::runtime_error("OpenSSL refused a P-256 key");
}

EVP_PKEY* public_key(ByteView coordinates) {
  demand(coordinates.size() == 64);
  Bytes point{4};
  point.insert(point.end(), coordinates.begin(), coordinates.end());
  std::array<char, 11> group{"prime256v1"};
  const std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  demand(context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
         EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                           const_cast<OSSL_PARAM*>(parameters.data())) == 1);
  return key;
}

}  // namespace

P256Key::P256Key(evp_pkey_st* key) : key_(key, EVP_PKEY_free) {
  demand(key != nullptr);
}

P256Key P256Key::make() {
  return P256Key(EVP_EC_gen("P-256"));
}

P256Key P256Key::from_pkcs8(ByteView der) {
  const unsigned char* start = der.data();
  return P256Key(d2i_AutoPrivateKey(nullptr, &start, static_cast<long>(der.size())));
}

Bytes P256Key::pkcs8() const {
  PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(key_.get());
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  PKCS8_PRIV_KEY_INFO_free(info);
  demand(size > 0);
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

Bytes P256Key::coordinates() const {
  std::array<unsigned char, 65> point{};
  std::size_t size = 0;
  // Keys read from elsewhere may be set to give their point compressed.
  EVP_PKEY_set_utf8_string_param(key_.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                 "uncompressed");
  demand(EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size(), &size) == 1 &&
         size == point.size());
  return {point.begin() + 1, point.end()};
}

Bytes P256Key::sign(ByteView message) const {
  const Hashing context(EVP_MD_CTX_new());
  std::size_t size = 0;
  demand(context &&
         EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
         EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
  Bytes signature(size);
  demand(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) ==
         1);
  signature.resize(size);
  return signature;
}

Bytes P256Key::agree(ByteView coordinates) const {
  const std::shared_ptr<EVP_PKEY> peer(public_key(coordinates), EVP_PKEY_free);
  const Context context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  Bytes secret(32);
  std::size_t size = secret.size();
  demand(context && EVP_PKEY_derive_init(context.get()) == 1 &&
         EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
         EVP_PKEY_derive(context.get(), secret.data(), &size) == 1 && size == secret.size());
  return secret;
}

Cbor P256Key::cose(int algorithm) const {
  const Bytes both = coordinates();
  return Cbor::Map{{1, 2},
                   {3, algorithm},
                   {-1, 1},
                   {-2, Bytes(both.begin(), both.begin() + 32)},
                   {-3, Bytes(both.begin() + 32, both.end())}};
}

}  // namespace sekisho::testing
