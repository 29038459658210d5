// ES256 as an application verifies it: with OpenSSL alone, from the members of a JWK.
#ifndef SEKISHO_TESTS_SUPPORT_ES256_VERIFIER_H_
#define SEKISHO_TESTS_SUPPORT_ES256_VERIFIER_H_

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"

namespace sekisho::testing {

// A P-256 key of bare numbers: `public_key` is x | y; `d` is empty for a public key.
inline std::shared_ptr<EVP_PKEY> p256_key(ByteView public_key, ByteView d = {}) {
  Bytes point = {4};
  point.insert(point.end(), public_key.begin(), public_key.end());
  const std::shared_ptr<BIGNUM> number(BN_bin2bn(d.data(), static_cast<int>(d.size()), nullptr),
                                       &BN_free);
  const std::shared_ptr<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  if (!d.empty()) OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get());
  const std::shared_ptr<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()),
                                               &OSSL_PARAM_free);
  const std::shared_ptr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr),
                                              &EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &key, d.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                    parameters.get());
  return {key, &EVP_PKEY_free};
}

inline Secret der_of(EVP_PKEY* key) {
  Bytes der(static_cast<std::size_t>(i2d_PrivateKey(key, nullptr)));
  unsigned char* at = der.data();
  i2d_PrivateKey(key, &at);
  return Secret(std::move(der));
}

// Whether `signature`, r | s, was made over `message` by the owner of x | y.
inline bool verifies_es256(ByteView public_key, std::string_view message, ByteView signature) {
  const std::shared_ptr<EVP_PKEY> key = p256_key(public_key);
  if (!key || signature.size() != 64) return false;
  const std::shared_ptr<ECDSA_SIG> pair(ECDSA_SIG_new(), &ECDSA_SIG_free);
  ECDSA_SIG_set0(pair.get(), BN_bin2bn(signature.data(), 32, nullptr),
                 BN_bin2bn(signature.data() + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  const std::shared_ptr<unsigned char> owner(der, [](unsigned char* p) { OPENSSL_free(p); });
  const std::shared_ptr<EVP_MD_CTX> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), der, static_cast<std::size_t>(size),
                          reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_ES256_VERIFIER_H_
