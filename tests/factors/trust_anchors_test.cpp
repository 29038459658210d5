// Whom we believe when a maker vouches for a key: the certificates of a folder, at a time.

#include "authn/factors/trust_anchors.h"

#include <fstream>

#include "tests/factors/attestation_maker.h"
#include "tests/factors/registration_trial.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::authn {
namespace {

using namespace testing;  // NOLINT: the vectors, the trial and the maker

const Instant kNow = instant_of(1'800'000'000'000);
const Instant kBefore = instant_of(1'600'000'000'000);
const Instant kAfter = instant_of(2'100'000'000'000);

void write(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
  std::ofstream(folder.file(name)) << text;
}

TrustAnchors loaded(const std::vector<X509*>& certificates) {
  const TemporaryFolder folder;
  std::string text;
  for (X509* certificate : certificates) text += pem_of(certificate);
  write(folder, "anchors.pem", text);
  auto anchors = TrustAnchors::load(folder.path());
  REQUIRE(anchors);
  CHECK(anchors->size() == certificates.size());
  return std::move(*anchors);
}

// A root, an authority under it, and a certificate for keys under that.
struct Makers {
  KeyHandle root_key = make_key(KeyKind::kP256);
  KeyHandle middle_key = make_key(KeyKind::kP256);
  KeyHandle leaf_key = make_key(KeyKind::kP256);
  CertificateHandle root = issue(authority_draft("Root"), root_key.get());
  CertificateHandle middle =
      issue(authority_draft("Middle"), middle_key.get(), Issuer{root_key.get(), root.get()});
  CertificateHandle leaf = issue({}, leaf_key.get(), Issuer{middle_key.get(), middle.get()});

  std::vector<Bytes> chain() const { return {der_of(leaf.get()), der_of(middle.get())}; }
};

TEST_CASE("a folder that is not there is no empty folder", "[factors][trust]") {
  const TemporaryFolder folder;
  const auto missing = TrustAnchors::load(folder.file("none"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kNotFound);
  CHECK(TrustAnchors::load(folder.path())->size() == 0);
}

TEST_CASE("a file without a certificate is named", "[factors][trust]") {
  const Makers makers;
  const std::string good = pem_of(makers.root.get());
  const std::string cut = good.substr(0, good.size() / 2);
  for (const std::string& text :
       {std::string(), std::string("no certificate\n"), cut, good + cut}) {
    const TemporaryFolder folder;
    write(folder, "a.pem", good);
    write(folder, "junk.crt", text);
    const auto anchors = TrustAnchors::load(folder.path());
    REQUIRE_FALSE(anchors);
    CHECK(anchors.error().code == ErrorCode::kInvalid);
    CHECK(anchors.error().message.find(folder.file("junk.crt")) != std::string::npos);
  }
}

TEST_CASE("only *.pem and *.crt are read, and all their certificates", "[factors][trust]") {
  const Makers makers;
  const TemporaryFolder folder;
  write(folder, "README", "who put what here\n");
  write(folder, "one.pem", pem_of(makers.root.get()));
  write(folder, "two.crt", pem_of(makers.middle.get()) + pem_of(makers.leaf.get()));
  CHECK(TrustAnchors::load(folder.path())->size() == 3);
}

TEST_CASE("every anchor tells its file and its end", "[factors][trust]") {
  const Makers makers;
  const TemporaryFolder folder;
  write(folder, "two.crt", pem_of(makers.root.get()) + pem_of(makers.middle.get()));
  const auto anchors = TrustAnchors::load(folder.path());
  REQUIRE(anchors);
  REQUIRE(anchors->list().size() == 2);
  for (const TrustAnchors::Anchor& anchor : anchors->list()) {
    CHECK(anchor.file == folder.file("two.crt"));
    CHECK(anchor.not_after > kNow);
    CHECK(anchor.not_after < kAfter);
  }
}

TEST_CASE("more than 256 anchors are refused", "[factors][trust]") {
  const Makers makers;
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 256; ++i) text += pem_of(makers.root.get());
  write(folder, "many.pem", text);
  CHECK(TrustAnchors::load(folder.path())->size() == 256);
  write(folder, "more.pem", pem_of(makers.root.get()));
  CHECK(TrustAnchors::load(folder.path()).error().code == ErrorCode::kInvalid);
}

TEST_CASE("no anchors: nothing leads to them", "[factors][trust]") {
  const Makers makers;
  CHECK_FALSE(TrustAnchors().lead_to(makers.chain(), kNow));
  CHECK_FALSE(loaded({makers.root.get()}).lead_to({}, kNow));
  CHECK_FALSE(loaded({makers.root.get()}).lead_to({{0x30, 0x00}}, kNow));
}

TEST_CASE("a chain leads to an anchor only when every step of it is there", "[factors][trust]") {
  const Makers makers;
  const Makers others;  // of the same names
  const TrustAnchors root = loaded({makers.root.get()});
  CHECK_FALSE(root.lead_to({der_of(makers.leaf.get())}, kNow));
  CHECK_FALSE(root.lead_to({der_of(makers.leaf.get()), der_of(others.middle.get())}, kNow));
  CHECK_FALSE(root.lead_to(others.chain(), kNow));
  // What a chain brings along is never an anchor.
  CHECK_FALSE(root.lead_to(
      {der_of(others.leaf.get()), der_of(others.middle.get()), der_of(others.root.get())}, kNow));
  CHECK(root.lead_to(makers.chain(), kNow));
  CHECK(root.lead_to(
      {der_of(makers.leaf.get()), der_of(makers.middle.get()), der_of(makers.root.get())}, kNow));
}

TEST_CASE("an authority below a root, or a key's own certificate, may be the anchor",
          "[factors][trust]") {
  const Makers makers;
  CHECK(loaded({makers.middle.get()}).lead_to({der_of(makers.leaf.get())}, kNow));
  CHECK(loaded({makers.leaf.get()}).lead_to({der_of(makers.leaf.get())}, kNow));
  const KeyHandle key = make_key(KeyKind::kP256);
  const CertificateHandle alone = issue({}, key.get());
  CHECK(loaded({alone.get()}).lead_to({der_of(alone.get())}, kNow));
  CHECK_FALSE(loaded({alone.get()}).lead_to(makers.chain(), kNow));
}

TEST_CASE("whoever is no authority issues nothing", "[factors][trust]") {
  const Makers makers;
  const KeyHandle key = make_key(KeyKind::kP256);
  CertificateDraft draft;
  draft.subject[3].second = "Model 2";
  const CertificateHandle forged =
      issue(draft, key.get(), Issuer{makers.leaf_key.get(), makers.leaf.get()});
  std::vector<Bytes> chain = makers.chain();
  chain.insert(chain.begin(), der_of(forged.get()));
  CHECK_FALSE(loaded({makers.root.get()}).lead_to(chain, kNow));
}

TEST_CASE("a chain of weak keys, or without an end, leads nowhere", "[factors][trust]") {
  const KeyHandle weak_key = make_key(KeyKind::kRsa1024);
  const KeyHandle key = make_key(KeyKind::kP256);
  const Makers makers;
  const CertificateHandle weak = issue(authority_draft("Weak"), weak_key.get(),
                                       Issuer{makers.root_key.get(), makers.root.get()});
  const CertificateHandle leaf = issue({}, key.get(), Issuer{weak_key.get(), weak.get()});
  CHECK_FALSE(loaded({makers.root.get()}).lead_to({der_of(leaf.get()), der_of(weak.get())}, kNow));

  std::vector<CertificateHandle> line;
  line.push_back(issue(authority_draft("0"), key.get()));
  std::vector<Bytes> chain;
  for (int i = 1; i <= 7; ++i) {
    line.push_back(
        issue(authority_draft(std::to_string(i)), key.get(), Issuer{key.get(), line.back().get()}));
    chain.insert(chain.begin(), der_of(line.back().get()));
  }
  CHECK_FALSE(loaded({line.front().get()}).lead_to(chain, kNow));
  CHECK(loaded({line[1].get()}).lead_to(chain, kNow));
}

TEST_CASE("an expired certificate, or one of tomorrow, leads nowhere", "[factors][trust]") {
  const Makers makers;
  const TrustAnchors root = loaded({makers.root.get()});
  CHECK_FALSE(root.lead_to(makers.chain(), kBefore));
  CHECK_FALSE(root.lead_to(makers.chain(), kAfter));
  CHECK(root.lead_to(makers.chain(), instant_of(1'700'000'000'000)));
}

TEST_CASE("the specification's attestations are worth what they are worth",
          "[factors][trust][webauthn]") {
  const Bytes& der = webauthn_attestation_ca();
  const unsigned char* at = der.data();
  const CertificateHandle ca(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  const TrustAnchors anchors = loaded({ca.get()});
  const TrustAnchors others = loaded({Makers().root.get()});
  int anchored = 0;
  for (const WebauthnVector& vector : good_registrations()) {
    INFO(vector.name);
    const bool has_chain = AttestationDraft(vector.attestation_object).certificates.has_value();
    RegistrationTrial trial(vector);
    const auto trust_with = [&](const TrustAnchors* known, Instant now) {
      trial.anchors = known;
      trial.now = now;
      return trial.verified()->trust;
    };
    const AttestationTrust without = vector.format == "none" ? AttestationTrust::kNone
                                     : has_chain             ? AttestationTrust::kUnanchored
                                                             : AttestationTrust::kSelf;
    CHECK(trust_with(nullptr, kVectorNow) == without);
    CHECK(trust_with(&others, kVectorNow) == without);
    CHECK(trust_with(&anchors, kVectorNow) == (has_chain ? AttestationTrust::kAnchored : without));
    CHECK(trust_with(&anchors, kBefore) == without);                         // before 2024
    CHECK(trust_with(&anchors, instant_of(33'300'000'000'000)) == without);  // after 3024
    anchored += has_chain ? 1 : 0;
  }
  CHECK(anchored == 5);
}

}  // namespace
}  // namespace sekisho::authn
