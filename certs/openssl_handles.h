// Owners for OpenSSL's objects, and its error queue as an Error.

#ifndef SEKISHO_CERTS_OPENSSL_HANDLES_H_
#define SEKISHO_CERTS_OPENSSL_HANDLES_H_

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace sekisho::certs {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BioHandle = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using CertificateHandle = std::unique_ptr<X509, FreeWith<X509_free>>;
using RequestHandle = std::unique_ptr<X509_REQ, FreeWith<X509_REQ_free>>;

// An Error (kInternal unless told otherwise) with OpenSSL's own reason appended, whose queue is
// emptied so that a later call does not report it again.
Error openssl_error(std::string message, ErrorCode code = ErrorCode::kInternal);

// kInvalid when there is no time in it.
Result<Instant> instant_of_asn1(const ASN1_TIME* time);

// A memory BIO that reads `text`, which must live as long as the BIO.
BioHandle reader_of(std::string_view text);

// Everything written to a memory BIO so far.
std::string text_of(BIO* memory);

}  // namespace sekisho::certs

#endif  // SEKISHO_CERTS_OPENSSL_HANDLES_H_
