#include "certs/authority.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <cstdlib>

#include "base/file.h"
#include "certs/csr.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::certs {
namespace {

using namespace std::chrono_literals;

const Instant kNow = instant_of(1'800'000'000'000);
const Validity kQuarter{kNow, std::chrono::days(90)};
const TerminalIdentity kTerminal{"t1", 7, 2};

CertificateAuthority new_authority() {
  const CertificateAuthority::Files files = CertificateAuthority::create("関所 CA", kNow).value();
  return CertificateAuthority::load(files.certificate_pem, files.private_key_pem).value();
}

std::string request_with(EVP_PKEY* key, EVP_PKEY* signer) {
  const RequestHandle request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key);
  X509_REQ_sign(request.get(), signer, EVP_sha256());
  const BioHandle out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_REQ(out.get(), request.get());
  return text_of(out.get());
}

// OpenSSL's own verdict on `leaf` as a client or server ("" is good), at the time `at`.
std::string verdict(const std::string& leaf_pem, const CertificateAuthority& authority, int purpose,
                    Instant at = kNow, const char* host = nullptr, const char* ip = nullptr) {
  const CertificateHandle leaf = read_certificate(leaf_pem).value();
  const CertificateHandle root = read_certificate(authority.certificate_pem()).value();
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, root.get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, leaf.get(), nullptr);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_purpose(parameters, purpose);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_time(parameters, to_milliseconds(at) / 1000);
  if (host != nullptr) X509_VERIFY_PARAM_set1_host(parameters, host, 0);
  if (ip != nullptr) X509_VERIFY_PARAM_set1_ip_asc(parameters, ip);
  const bool good = X509_verify_cert(context) == 1;
  const std::string reason =
      good ? "" : X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return reason;
}

std::string client_verdict(const std::string& pem, const CertificateAuthority& authority,
                           Instant at = kNow) {
  return verdict(pem, authority, X509_PURPOSE_SSL_CLIENT, at);
}

TEST_CASE("a request that is not signed by its own key is refused", "[certs]") {
  const KeyHandle own(EVP_EC_gen("P-256"));
  const KeyHandle other(EVP_EC_gen("P-256"));
  const CertificateAuthority authority = new_authority();
  const auto issued =
      authority.issue_terminal(request_with(own.get(), other.get()), kTerminal, kQuarter);
  REQUIRE_FALSE(issued);
  CHECK(issued.error().code == ErrorCode::kInvalid);
  CHECK(issued.error().message.find("not signed by its own key") != std::string::npos);
}

TEST_CASE("a request for a weak or foreign kind of key is refused", "[certs]") {
  const CertificateAuthority authority = new_authority();
  const auto refused = [&](EVP_PKEY* made) {
    const KeyHandle key(made);
    const auto issued =
        authority.issue_terminal(request_with(key.get(), key.get()), kTerminal, kQuarter);
    REQUIRE_FALSE(issued);
    CHECK(issued.error().message.find("must be ECDSA") != std::string::npos);
  };
  refused(EVP_RSA_gen(1024));
  refused(EVP_EC_gen("P-224"));
  refused(EVP_EC_gen("secp256k1"));
  refused(EVP_EC_gen("P-521"));
}

TEST_CASE("requests for P-256, P-384 and RSA 2048 keys are accepted", "[certs]") {
  const CertificateAuthority authority = new_authority();
  for (EVP_PKEY* made : {EVP_EC_gen("P-256"), EVP_EC_gen("P-384"), EVP_RSA_gen(2048)}) {
    const KeyHandle key(made);
    const auto issued =
        authority.issue_terminal(request_with(key.get(), key.get()), kTerminal, kQuarter);
    REQUIRE(issued);
    CHECK(client_verdict(issued->pem, authority) == "");
    CHECK(belongs_together(read_certificate(issued->pem).value().get(), key.get()));
  }
}

TEST_CASE("a malformed or oversized request is refused", "[certs]") {
  const CertificateAuthority authority = new_authority();
  const std::string good = make_key_and_csr("t1").value().csr_pem;
  for (const std::string& bad :
       {std::string(), std::string("hello"), good.substr(0, good.size() / 2),
        authority.certificate_pem(), std::string(kMaxPemBytes + 1, 'x')}) {
    const auto issued = authority.issue_terminal(bad, kTerminal, kQuarter);
    REQUIRE_FALSE(issued);
    CHECK(issued.error().code == ErrorCode::kInvalid);
  }
}

TEST_CASE("nothing but the public key is taken from a request", "[certs]") {
  const CertificateAuthority authority = new_authority();
  const auto issued =
      authority.issue_terminal(make_key_and_csr("root").value().csr_pem, kTerminal, kQuarter);
  const CertificateHandle leaf = read_certificate(issued.value().pem).value();
  CHECK(parse_identity(leaf.get()).value() == kTerminal);
  CHECK(facts_of(leaf.get()).value().subject == "t1");
}

TEST_CASE("a terminal's certificate is good as a client and not as a server", "[certs]") {
  const CertificateAuthority authority = new_authority();
  const std::string pem =
      authority.issue_terminal(make_key_and_csr("t1").value().csr_pem, kTerminal, kQuarter)
          .value()
          .pem;
  CHECK(client_verdict(pem, authority) == "");
  CHECK(verdict(pem, authority, X509_PURPOSE_SSL_SERVER) != "");
  CHECK(client_verdict(pem, new_authority()) != "");
}

TEST_CASE("a server's certificate is good for its names, as a server only", "[certs]") {
  const CertificateAuthority authority = new_authority();
  const std::vector<std::string> names{"Portal.town.example", "*.town.example", "127.0.0.1", "::1"};
  const std::string pem =
      authority.issue_server(make_key_and_csr("x").value().csr_pem, names, kQuarter).value().pem;
  CHECK(verdict(pem, authority, X509_PURPOSE_SSL_SERVER, kNow, "portal.town.example") == "");
  CHECK(verdict(pem, authority, X509_PURPOSE_SSL_SERVER, kNow, "tax.town.example") == "");
  CHECK(verdict(pem, authority, X509_PURPOSE_SSL_SERVER, kNow, nullptr, "127.0.0.1") == "");
  CHECK(verdict(pem, authority, X509_PURPOSE_SSL_SERVER, kNow, nullptr, "::1") == "");
  CHECK(verdict(pem, authority, X509_PURPOSE_SSL_SERVER, kNow, "x") != "");
  CHECK(verdict(pem, authority, X509_PURPOSE_SSL_SERVER, kNow, nullptr, "127.0.0.2") != "");
  CHECK(verdict(pem, authority, X509_PURPOSE_SSL_CLIENT) != "");
  CHECK_FALSE(parse_identity(read_certificate(pem).value().get()));
  const CertificateFacts facts = facts_of_pem(pem).value();
  CHECK(facts.dns_names == std::vector<std::string>{"portal.town.example", "*.town.example"});
  CHECK(facts.ip_addresses == std::vector<std::string>{"127.0.0.1", "::1"});
}

TEST_CASE("a server's certificate is not issued for what is no name", "[certs]") {
  const CertificateAuthority authority = new_authority();
  const std::string csr = make_key_and_csr("x").value().csr_pem;
  CHECK_FALSE(authority.issue_server(csr, {}, kQuarter));
  for (const std::string name : {"", "a..b", "-a", "a b", "a\nDNS:b", "10.0.0.256", "関所",
                                 "URI:urn:sekisho:terminal:1:1", "*", "a.*.b"}) {
    const auto issued = authority.issue_server(csr, std::span(&name, 1), kQuarter);
    INFO(name);
    REQUIRE_FALSE(issued);
    CHECK(issued.error().code == ErrorCode::kInvalid);
  }
}

TEST_CASE("a terminal's certificate is not issued for a name or number that is none", "[certs]") {
  const CertificateAuthority authority = new_authority();
  const std::string csr = make_key_and_csr("x").value().csr_pem;
  for (const TerminalIdentity& bad :
       {TerminalIdentity{"", 1, 1}, TerminalIdentity{"-x", 1, 1}, TerminalIdentity{".x", 1, 1},
        TerminalIdentity{"a b", 1, 1}, TerminalIdentity{std::string(65, 'a'), 1, 1},
        TerminalIdentity{"t", 0, 1}, TerminalIdentity{"t", 1, 0}, TerminalIdentity{"t", -1, 1}}) {
    CHECK_FALSE(authority.issue_terminal(csr, bad, kQuarter));
  }
  CHECK(authority.issue_terminal(csr, {std::string(64, 'a'), INT64_MAX, 1}, kQuarter));
}

TEST_CASE("a certificate holds from five minutes before until its end, not after", "[certs]") {
  const CertificateAuthority authority = new_authority();
  const IssuedCertificate issued =
      authority.issue_terminal(make_key_and_csr("t1").value().csr_pem, kTerminal, kQuarter).value();
  CHECK(issued.not_after == kNow + std::chrono::days(90));
  CHECK(client_verdict(issued.pem, authority, kNow - 5min) == "");
  CHECK(client_verdict(issued.pem, authority, kNow - 5min - 1s) != "");
  CHECK(client_verdict(issued.pem, authority, issued.not_after - 1s) == "");
  CHECK(client_verdict(issued.pem, authority, issued.not_after) != "");
  const CertificateFacts facts = facts_of_pem(issued.pem).value();
  CHECK(facts.not_before == kNow - 5min);
  CHECK(facts.not_after == issued.not_after);
  CHECK(renewal_time(facts) > kNow + std::chrono::days(59));
  CHECK(renewal_time(facts) < kNow + std::chrono::days(61));
}

TEST_CASE("nothing is issued beyond the authority's own end", "[certs]") {
  const CertificateAuthority authority = new_authority();
  const std::string csr = make_key_and_csr("t1").value().csr_pem;
  const Instant late = authority.facts().not_after - std::chrono::days(1);
  const auto issued = authority.issue_terminal(csr, kTerminal, {late, std::chrono::days(90)});
  CHECK(issued.value().not_after == authority.facts().not_after);
  const auto too_late =
      authority.issue_terminal(csr, kTerminal, {authority.facts().not_after, 24h});
  REQUIRE_FALSE(too_late);
  CHECK(too_late.error().message.find("expired") != std::string::npos);
  CHECK_FALSE(authority.issue_terminal(csr, kTerminal, {kNow, 0s}));
}

TEST_CASE("serial numbers are 128 bits and differ", "[certs]") {
  const CertificateAuthority authority = new_authority();
  const std::string csr = make_key_and_csr("t1").value().csr_pem;
  const IssuedCertificate one = authority.issue_terminal(csr, kTerminal, kQuarter).value();
  const IssuedCertificate two = authority.issue_terminal(csr, kTerminal, kQuarter).value();
  CHECK(one.serial.size() == 32);
  CHECK(one.serial != two.serial);
  CHECK(facts_of_pem(one.pem).value().serial == one.serial);
  CHECK(facts_of_pem(one.pem).value().fingerprint == one.fingerprint);
}

TEST_CASE("an authority whose key is another's is refused when it is loaded", "[certs]") {
  const auto one = CertificateAuthority::create("one", kNow).value();
  const auto two = CertificateAuthority::create("two", kNow).value();
  const auto loaded = CertificateAuthority::load(one.certificate_pem, two.private_key_pem);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().message.find("not the one of its certificate") != std::string::npos);
}

TEST_CASE("a leaf certificate does not load as an authority", "[certs]") {
  const NewKey key = make_key_and_csr("t1").value();
  const std::string leaf =
      new_authority().issue_terminal(key.csr_pem, kTerminal, kQuarter).value().pem;
  const auto loaded = CertificateAuthority::load(leaf, key.private_key_pem);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().message.find("not that of an authority") != std::string::npos);
}

TEST_CASE("an authority lives 20 years and allows no authority below it", "[certs]") {
  const CertificateAuthority authority = new_authority();
  CHECK(authority.facts().is_authority);
  CHECK(authority.facts().subject == "関所 CA");
  CHECK(authority.facts().not_after > kNow + std::chrono::years(20) - 24h);
  CHECK(X509_get_pathlen(read_certificate(authority.certificate_pem()).value().get()) == 0);
  CHECK_FALSE(CertificateAuthority::create("", kNow));
  CHECK_FALSE(CertificateAuthority::create("a\nb", kNow));
}

TEST_CASE("the openssl command agrees with us about a chain", "[certs]") {
  if (std::system("openssl version >/dev/null 2>&1") != 0) return;
  const testing::TemporaryFolder folder;
  const Instant now = SystemClock().now();
  const auto files = CertificateAuthority::create("CA", now).value();
  const auto authority =
      CertificateAuthority::load(files.certificate_pem, files.private_key_pem).value();
  const std::vector<std::string> names{"portal.town.example"};
  const auto leaf =
      authority.issue_server(make_key_and_csr("x").value().csr_pem, names, {now, 24h}).value();
  REQUIRE(create_file_durably(folder.file("ca.pem"), authority.certificate_pem(), 0600));
  REQUIRE(create_file_durably(folder.file("leaf.pem"), leaf.pem, 0600));
  const std::string verify = "openssl verify -x509_strict -purpose sslserver -CAfile " +
                             folder.file("ca.pem") + " -verify_hostname ";
  const std::string rest = " " + folder.file("leaf.pem") + " >/dev/null 2>&1";
  CHECK(std::system((verify + "portal.town.example" + rest).c_str()) == 0);
  CHECK(std::system((verify + "other.example" + rest).c_str()) != 0);
}

}  // namespace
}  // namespace sekisho::certs
