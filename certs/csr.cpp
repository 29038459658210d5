#include "certs/csr.h"

#include <openssl/pem.h>

#include "base/text.h"
#include "certs/certificate.h"
#include "certs/openssl_handles.h"

namespace sekisho::certs {
namespace {

constexpr long kRequestVersion = 0;  // PKCS#10 v1

Result<std::string> sign_request(EVP_PKEY* key, std::string_view common_name) {
  if (common_name.empty() || common_name.size() > 64 || !is_utf8(common_name) ||
      has_control_characters(common_name)) {
    return fail(ErrorCode::kInvalid,
                "a common name is 1 to 64 bytes of UTF-8 without control characters");
  }
  const RequestHandle request(X509_REQ_new());
  const BioHandle out(BIO_new(BIO_s_mem()));
  const bool made = request && out && X509_REQ_set_version(request.get(), kRequestVersion) == 1 &&
                    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN",
                                               MBSTRING_UTF8, as_bytes(common_name).data(),
                                               static_cast<int>(common_name.size()), -1, 0) == 1 &&
                    X509_REQ_set_pubkey(request.get(), key) == 1 &&
                    X509_REQ_sign(request.get(), key, EVP_sha256()) > 0 &&
                    PEM_write_bio_X509_REQ(out.get(), request.get()) == 1;
  if (!made) return fail(openssl_error("cannot make a certificate request"));
  return text_of(out.get());
}

}  // namespace

Result<NewKey> make_key_and_csr(std::string_view common_name) {
  const KeyHandle key(EVP_EC_gen("P-256"));
  if (!key) return fail(openssl_error("cannot make a key"));
  Result<std::string> csr = sign_request(key.get(), common_name);
  if (!csr) return fail(csr.error());
  Result<Secret> pem = private_key_pem(key.get());
  if (!pem) return fail(pem.error());
  return NewKey{std::move(*pem), std::move(*csr)};
}

Result<std::string> make_csr(const Secret& private_key_pem, std::string_view common_name) {
  const Result<KeyHandle> key = read_private_key(private_key_pem);
  if (!key) return fail(key.error());
  return sign_request(key->get(), common_name);
}

}  // namespace sekisho::certs
