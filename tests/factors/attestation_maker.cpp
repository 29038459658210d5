#include "tests/factors/attestation_maker.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>

namespace sekisho::testing {
namespace {

using authn::CertificateHandle;
using authn::FreeWith;
using authn::KeyHandle;

void must(bool done) {
  if (!done) throw std::runtime_error("OpenSSL could not make what a test needs");
}

void add_subject(X509_NAME* name, const CertificateDraft& draft) {
  for (const auto& [kind, value] : draft.subject) {
    must(X509_NAME_add_entry_by_txt(name, kind.c_str(), MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1);
  }
}

void add_extensions(X509* certificate, const CertificateDraft& draft) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  for (const auto& [kind, value] : draft.extensions) {
    const std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>> extension(
        X509V3_EXT_nconf(nullptr, &context, kind.c_str(), value.c_str()));
    must(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
  }
}

void add_tpm_names(X509* certificate, const std::vector<std::string>& values) {
  X509_NAME* const name = X509_NAME_new();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string kind = "2.23.133.2." + std::to_string(i + 1);
    must(X509_NAME_add_entry_by_txt(name, kind.c_str(), MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(values[i].data()),
                                    static_cast<int>(values[i].size()), -1, 0) == 1);
  }
  GENERAL_NAME* const general = GENERAL_NAME_new();
  general->type = GEN_DIRNAME;
  general->d.directoryName = name;
  const std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>> names(
      sk_GENERAL_NAME_new_null());
  must(sk_GENERAL_NAME_push(names.get(), general) == 1);
  must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 1, 0) == 1);
}

void set_time(ASN1_TIME* to, Instant at) {
  must(ASN1_TIME_set(to, to_milliseconds(at) / 1000) != nullptr);
}

const EVP_MD* digest_for(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) return nullptr;
  return EVP_PKEY_get_bits(key) == 384 ? EVP_sha384() : EVP_sha256();
}

}  // namespace

KeyHandle make_key(KeyKind kind) {
  switch (kind) {
    case KeyKind::kP256:
      return KeyHandle(EVP_EC_gen("P-256"));
    case KeyKind::kP384:
      return KeyHandle(EVP_EC_gen("P-384"));
    case KeyKind::kEd25519:
      return KeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    case KeyKind::kRsa1024:
      return KeyHandle(EVP_RSA_gen(1024));
    case KeyKind::kRsa2048:
      return KeyHandle(EVP_RSA_gen(2048));
  }
  return nullptr;
}

Bytes signature_of(EVP_PKEY* key, ByteView message) {
  const authn::DigestContext context(EVP_MD_CTX_new());
  Bytes signature(512);
  std::size_t length = signature.size();
  must(EVP_DigestSignInit(context.get(), nullptr, digest_for(key), nullptr, key) == 1 &&
       EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()) ==
           1);
  signature.resize(length);
  return signature;
}

CertificateDraft tpm_certificate_draft() {
  CertificateDraft draft;
  draft.subject.clear();
  draft.extensions.emplace_back("extendedKeyUsage", "2.23.133.8.3");
  draft.tpm_names = {"id:414D4400", "Model 1", "id:00000001"};
  return draft;
}

CertificateDraft authority_draft(std::string name) {
  CertificateDraft draft;
  draft.subject = {{"C", "JP"}, {"CN", std::move(name)}};
  draft.extensions = {{"basicConstraints", "critical,CA:TRUE"},
                      {"keyUsage", "critical,keyCertSign,cRLSign"}};
  return draft;
}

CertificateHandle issue(const CertificateDraft& draft, EVP_PKEY* key,
                        std::optional<Issuer> issuer) {
  CertificateHandle certificate(X509_new());
  X509* const raw = certificate.get();
  must(X509_set_version(raw, draft.version - 1) == 1);
  must(ASN1_INTEGER_set(X509_get_serialNumber(raw), 7) == 1);
  set_time(X509_getm_notBefore(raw), draft.from);
  set_time(X509_getm_notAfter(raw), draft.until);
  add_subject(X509_get_subject_name(raw), draft);
  must(X509_set_issuer_name(raw, X509_get_subject_name(issuer ? issuer->certificate : raw)) == 1);
  must(X509_set_pubkey(raw, key) == 1);
  add_extensions(raw, draft);
  if (!draft.tpm_names.empty()) add_tpm_names(raw, draft.tpm_names);
  EVP_PKEY* const signer = issuer ? issuer->key : key;
  must(X509_sign(raw, signer, digest_for(signer)) > 0);
  return certificate;
}

Bytes der_of(X509* certificate) {
  Bytes der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
  unsigned char* at = der.data();
  i2d_X509(certificate, &at);
  return der;
}

std::string pem_of(X509* certificate) {
  const std::unique_ptr<BIO, FreeWith<BIO_free_all>> memory(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(memory.get(), certificate) == 1);
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<std::size_t>(length));
}

}  // namespace sekisho::testing
