#include "certs/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "certs/authority.h"
#include "certs/csr.h"
#include "tests/support/catch.h"

namespace sekisho::certs {
namespace {

// A certificate that only a broken or hostile authority would sign.
CertificateHandle certificate_with(const char* names, const char* use, const char* subject,
                                   const char* constraints = "CA:FALSE") {
  const KeyHandle key(EVP_EC_gen("P-256"));
  CertificateHandle certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), 0);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), 1);
  X509_set_pubkey(certificate.get(), key.get());
  if (*subject != '\0') {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               as_bytes(subject).data(), -1, -1, 0);
  }
  const auto add = [&](int nid, const char* value) {
    if (*value == '\0') return;
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    REQUIRE(extension != nullptr);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  };
  add(NID_basic_constraints, constraints);
  add(NID_ext_key_usage, use);
  add(NID_subject_alt_name, names);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  // Read back, so that nothing is left of how it was made.
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  const unsigned char* cursor = der;
  CertificateHandle read(d2i_X509(nullptr, &cursor, size));
  OPENSSL_free(der);
  return read;
}

bool has_identity(const char* names, const char* use = "clientAuth", const char* subject = "t1",
                  const char* constraints = "CA:FALSE") {
  return parse_identity(certificate_with(names, use, subject, constraints).get()).has_value();
}

TEST_CASE("a terminal's identity is read from a certificate that says it in the one way",
          "[certs]") {
  const CertificateHandle certificate =
      certificate_with("URI:urn:sekisho:terminal:12:3", "clientAuth", "t1");
  CHECK(parse_identity(certificate.get()).value() == TerminalIdentity{"t1", 12, 3});
  CHECK(terminal_uri(12, 3) == "urn:sekisho:terminal:12:3");
}

TEST_CASE("a terminal's identity is not read from any other form of URI", "[certs]") {
  for (const char* uri :
       {"URI:urn:sekisho:terminal:012:3", "URI:urn:sekisho:terminal:0:3",
        "URI:urn:sekisho:terminal:1:0", "URI:urn:sekisho:terminal:1",
        "URI:urn:sekisho:terminal:1:", "URI:urn:sekisho:terminal:1:2:3",
        "URI:urn:sekisho:terminal:+1:2", "URI:URN:sekisho:terminal:1:2",
        "URI:urn:sekisho:terminal:1: 2", "URI:urn:sekisho:terminal:9223372036854775808:1",
        "URI:https://terminal/1/2", "DNS:urn", "URI:urn:sekisho:terminal:1:2,DNS:t1",
        "URI:urn:sekisho:terminal:1:2,URI:urn:sekisho:terminal:3:4", ""}) {
    INFO(uri);
    CHECK_FALSE(has_identity(uri));
  }
  CHECK(has_identity("URI:urn:sekisho:terminal:9223372036854775807:1"));
}

TEST_CASE("a terminal's identity needs a terminal's name, use and rank", "[certs]") {
  const char* uri = "URI:urn:sekisho:terminal:1:2";
  CHECK(has_identity(uri));
  CHECK_FALSE(has_identity(uri, "clientAuth", ""));
  CHECK_FALSE(has_identity(uri, "clientAuth", "関所"));
  CHECK_FALSE(has_identity(uri, "clientAuth", "t 1"));
  CHECK_FALSE(has_identity(uri, "serverAuth"));
  CHECK_FALSE(has_identity(uri, "clientAuth,serverAuth"));
  CHECK_FALSE(has_identity(uri, ""));
  CHECK_FALSE(has_identity(uri, "clientAuth", "t1", "CA:TRUE"));
}

TEST_CASE("a chain is read in order, and only whole", "[certs]") {
  const auto one = CertificateAuthority::create("one", instant_of(0)).value().certificate_pem;
  const auto two = CertificateAuthority::create("two", instant_of(0)).value().certificate_pem;
  const auto chain = read_chain(one + two).value();
  REQUIRE(chain.size() == 2);
  CHECK(fingerprint(chain[0].get()) == facts_of_pem(one).value().fingerprint);
  CHECK(fingerprint(chain[1].get()) == facts_of_pem(two).value().fingerprint);
  CHECK_FALSE(read_chain(""));
  CHECK_FALSE(read_chain(one + two.substr(0, two.size() / 2)));
  std::string many;
  for (int i = 0; i < 11; ++i) many += one;
  CHECK_FALSE(read_chain(many));
}

TEST_CASE("a private key with a pass phrase is refused without asking for it", "[certs]") {
  const KeyHandle key(EVP_EC_gen("P-256"));
  const BioHandle out(BIO_new(BIO_s_mem()));
  char phrase[] = "secret";
  PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), phrase, 6, nullptr,
                                nullptr);
  const auto read = read_private_key(Secret(std::string_view(text_of(out.get()))));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::kInvalid);
}

TEST_CASE("a private key comes back as it was written", "[certs]") {
  const NewKey made = make_key_and_csr("t1").value();
  const KeyHandle key = read_private_key(made.private_key_pem).value();
  CHECK(private_key_pem(key.get()).value().reveal_text() == made.private_key_pem.reveal_text());
  CHECK(made.private_key_pem.reveal_text().starts_with("-----BEGIN PRIVATE KEY-----"));
  CHECK(make_csr(made.private_key_pem, "t1").has_value());
}

TEST_CASE("a request is not made for a name that is none", "[certs]") {
  CHECK_FALSE(make_key_and_csr(""));
  CHECK_FALSE(make_key_and_csr("a\nb"));
  CHECK_FALSE(make_key_and_csr(std::string(65, 'a')));
  CHECK_FALSE(make_key_and_csr("\xff"));
}

}  // namespace
}  // namespace sekisho::certs
