// Owners for the OpenSSL objects of this room.

#ifndef SEKISHO_AUTHN_FACTORS_OPENSSL_HANDLES_H_
#define SEKISHO_AUTHN_FACTORS_OPENSSL_HANDLES_H_

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace sekisho::authn {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using KeyHandle = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using CertificateHandle = std::unique_ptr<X509, FreeWith<X509_free>>;

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_OPENSSL_HANDLES_H_
