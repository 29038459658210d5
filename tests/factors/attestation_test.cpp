// A statement that is there must be sound: each format's members, certificates and signatures, on
// the specification's vectors and on those of a maker of our own.

#include "authn/factors/attestation.h"

#include "authn/factors/tpm_structures.h"
#include "base/digest.h"
#include "tests/factors/attestation_maker.h"
#include "tests/factors/registration_trial.h"

namespace sekisho::authn {
namespace {

using namespace testing;  // NOLINT: the vectors, the trial and the maker

constexpr int kRs1 = -65535;  // RSASSA-PKCS1-v1_5 with SHA-1

std::vector<WebauthnVector> attested_vectors() {
  return {self_vector(),
          packed_vector(),
          u2f_vector(),
          tpm_vector(),
          vector_named("Packed Attestation with ES384 Credential"),
          vector_named("Packed Attestation with Ed25519 Credential")};
}

template <typename Spoil>
std::string outcome_when(const WebauthnVector& vector, Spoil spoil) {
  return RegistrationTrial(vector).outcome_when(spoil);
}

// A registration attested anew by a maker of our own.
struct Made {
  KeyKind kind = KeyKind::kP256;
  int algorithm = -7;
  CertificateDraft certificate;

  std::string outcome(const WebauthnVector& vector) const {
    const KeyHandle key = make_key(kind);
    RegistrationTrial trial(vector);
    return trial.outcome_when([&](AttestationDraft& draft) {
      draft.algorithm = algorithm;
      draft.certificates = {der_of(issue(certificate, key.get()).get())};
      draft.signature =
          signature_of(key.get(), draft.format == "tpm" ? *draft.cert_info : trial.message(draft));
    });
  }
};

Made made_tpm() {
  return {KeyKind::kP256, -7, tpm_certificate_draft()};
}

TEST_CASE("one bit changed anywhere in a statement is refused", "[factors][attestation]") {
  for (const WebauthnVector& vector : attested_vectors()) {
    INFO(vector.name);
    const AttestationDraft whole(vector.attestation_object);
    const auto each = [&](auto member, std::string_view reason) {
      const std::size_t size = member(whole)->size();
      for (std::size_t i = 0; i < size; i += 3) {
        CHECK(outcome_when(vector, [&](AttestationDraft& draft) { (*member(draft))[i] ^= 0x01; }) ==
              reason);
      }
    };
    each([](auto& draft) { return &*draft.signature; }, "bad_attestation");
    if (whole.cert_info) each([](auto& draft) { return &*draft.cert_info; }, "bad_attestation");
    if (whole.pub_area) each([](auto& draft) { return &*draft.pub_area; }, "bad_attestation");
  }
}

TEST_CASE("one bit changed anywhere in what a statement signs is refused",
          "[factors][attestation]") {
  for (const WebauthnVector& vector : attested_vectors()) {
    INFO(vector.name);
    for (std::size_t i = 0; i < vector.registration_auth_data.size(); ++i) {
      // U2F signs neither flags, counter nor AAGUID: see the test about it below.
      if (vector.format == "fido-u2f" && i >= kFlagsAt && i < kIdLengthAt) continue;
      CHECK(outcome_when(vector, [&](AttestationDraft& draft) { draft.auth_data[i] ^= 0x04; }) !=
            "ok");
    }
    RegistrationTrial client(vector);
    client.replace_in_client_data("{", "{\"more\":1,");
    CHECK(client.outcome() == "bad_attestation");
    CHECK(outcome_when(vector, [](AttestationDraft& draft) { draft.auth_data[kIdAt] ^= 1; }) ==
          "bad_attestation");
  }
}

TEST_CASE("a statement has the members of its format and no others", "[factors][attestation]") {
  for (const WebauthnVector& vector : attested_vectors()) {
    INFO(vector.name);
    const auto told = [&](auto spoil) { return outcome_when(vector, spoil); };
    const std::string refused = "malformed_attestation";
    CHECK(told([](auto& draft) { draft.signature.reset(); }) == refused);
    if (vector.format != "fido-u2f") {
      CHECK(told([](auto& draft) { draft.algorithm.reset(); }) == refused);
    } else {
      CHECK(told([](auto& draft) { draft.algorithm = -7; }) == refused);
    }
    if (vector.format != "packed") {
      CHECK(told([](auto& draft) { draft.certificates.reset(); }) == refused);
    }
    if (vector.format == "tpm") {
      CHECK(told([](auto& draft) { draft.pub_area.reset(); }) == refused);
      CHECK(told([](auto& draft) { draft.cert_info.reset(); }) == refused);
      CHECK(told([](auto& draft) { draft.version.reset(); }) == refused);
      CHECK(told([](auto& draft) { draft.version = "1.2"; }) == refused);
    } else {
      CHECK(told([](auto& draft) { draft.pub_area = Bytes(4); }) == refused);
      CHECK(told([](auto& draft) { draft.cert_info = Bytes(4); }) == refused);
      CHECK(told([](auto& draft) { draft.version = "2.0"; }) == refused);
    }
    const auto more = [&](const char* name, const Bytes& value) {
      return told([&](auto& draft) { draft.more_in_statement = {{name, value}}; });
    };
    CHECK(more("ecdaaKeyId", cbor_bytes(Bytes(32))) == refused);
    CHECK(more("sig", cbor_bytes(Bytes(32))) == refused);
    const auto instead = [&](const char* name, const Bytes& value) {
      return told([&](AttestationDraft& draft) {
        if (std::string_view(name) == "sig") draft.signature.reset();
        if (std::string_view(name) == "x5c") draft.certificates.reset();
        if (std::string_view(name) == "alg") draft.algorithm.reset();
        draft.more_in_statement = {{name, value}};
      });
    };
    CHECK(instead("sig", cbor_text("signature")) == refused);
    CHECK(instead("alg", cbor_text("ES256")) == refused);
    CHECK(instead("x5c", cbor_bytes(Bytes(32))) == refused);
    CHECK(instead("x5c", cbor_array({})) == refused);
    CHECK(instead("x5c", cbor_array({cbor_text("certificate")})) == refused);
  }
}

TEST_CASE("the format \"none\" says nothing", "[factors][attestation]") {
  for (const WebauthnVector& vector : attested_vectors()) {
    INFO(vector.name);
    CHECK(outcome_when(vector, [](AttestationDraft& draft) { draft.format = "none"; }) ==
          "malformed_attestation");
  }
}

TEST_CASE("an algorithm of attestation that we do not take is refused", "[factors][attestation]") {
  for (const WebauthnVector& vector : {self_vector(), packed_vector(), tpm_vector()}) {
    INFO(vector.name);
    for (const int algorithm : {kRs1, -36, -37, -53, 0, 7}) {
      CHECK(outcome_when(vector, [&](AttestationDraft& draft) { draft.algorithm = algorithm; }) ==
            "unsupported_attestation");
    }
    for (const int algorithm : {-35, -257}) {
      CHECK(outcome_when(vector, [&](AttestationDraft& draft) { draft.algorithm = algorithm; }) ==
            "bad_attestation");
    }
  }
  CHECK(outcome_when(packed_vector(), [](AttestationDraft& draft) { draft.algorithm = -8; }) ==
        "bad_attestation");
  CHECK(outcome_when(tpm_vector(), [](AttestationDraft& draft) { draft.algorithm = -8; }) ==
        "unsupported_attestation");
}

TEST_CASE("a chain of which one is no certificate is refused", "[factors][attestation]") {
  for (const WebauthnVector& vector : {packed_vector(), tpm_vector(), u2f_vector()}) {
    INFO(vector.name);
    const auto told = [&](auto spoil) {
      return outcome_when(vector, [&](AttestationDraft& draft) { spoil(*draft.certificates); });
    };
    const std::string refused = "malformed_attestation";
    CHECK(told([](auto& chain) { chain.front().clear(); }) == refused);
    CHECK(told([](auto& chain) { chain.front().pop_back(); }) == refused);
    CHECK(told([](auto& chain) { chain.front().push_back(0); }) == refused);
    CHECK(told([](auto& chain) { chain.push_back({0x30, 0x00}); }) == refused);
    CHECK(told([](auto& chain) { chain.resize(kMaxAttestationChain + 1, chain.front()); }) ==
          refused);
  }
  CHECK(outcome_when(u2f_vector(), [](AttestationDraft& draft) {
          draft.certificates->push_back(draft.certificates->front());
        }) == "malformed_attestation");
}

TEST_CASE("a packed attestation certificate is what section 8.2.1 demands",
          "[factors][attestation]") {
  const auto with = [](auto spoil) {
    Made made;
    spoil(made.certificate);
    return made.outcome(packed_vector());
  };
  CHECK(Made{}.outcome(packed_vector()) == "ok");
  const std::string refused = "bad_certificate";
  CHECK(with([](auto& draft) { draft.version = 1; }) == refused);
  CHECK(with([](auto& draft) { draft.extensions.clear(); }) == refused);
  CHECK(with([](auto& draft) { draft.extensions[0].second = "critical,CA:TRUE"; }) == refused);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(with([&](auto& draft) { draft.subject.erase(draft.subject.begin() + i); }) == refused);
    CHECK(with([&](auto& draft) { draft.subject.push_back(draft.subject[i]); }) == refused);
  }
  CHECK(with([](auto& draft) { draft.subject[0].second = "jp"; }) == refused);
  CHECK(with([](auto& draft) { draft.subject[2].second = "Authenticator attestation"; }) ==
        refused);
  CHECK(outcome_when(packed_vector(), [](AttestationDraft& draft) {
          draft.certificates = {webauthn_attestation_ca()};
        }) == refused);
  CHECK(outcome_when(packed_vector(), [](AttestationDraft& draft) {
          draft.certificates = AttestationDraft(tpm_vector().attestation_object).certificates;
        }) == refused);
}

TEST_CASE("a certificate for one model vouches for no other", "[factors][attestation]") {
  const std::string ours = "876ca4f52071c3e9b25509ef2cdf7ed6";
  const auto with = [](std::vector<std::string> values) {
    Made made;
    for (std::string& value : values) {
      made.certificate.extensions.emplace_back("1.3.6.1.4.1.45724.1.1.4", std::move(value));
    }
    return made.outcome(packed_vector());
  };
  CHECK(with({"DER:0410" + ours}) == "ok");
  CHECK(with({"DER:0410876ca4f52071c3e9b25509ef2cdf7ed7"}) == "wrong_model");
  CHECK(with({"DER:" + ours}) == "wrong_model");
  CHECK(with({"DER:040f876ca4f52071c3e9b25509ef2cdf7e"}) == "wrong_model");
  CHECK(with({"critical,DER:0410" + ours}) == "wrong_model");
  CHECK(with({"DER:0410" + ours, "DER:0410" + ours}) == "wrong_model");
  Made tpm = made_tpm();
  tpm.certificate.extensions.emplace_back("1.3.6.1.4.1.45724.1.1.4", "DER:0410" + ours);
  CHECK(tpm.outcome(tpm_vector()) == "wrong_model");
}

TEST_CASE("a maker signs with the algorithm that fits its key", "[factors][attestation]") {
  const auto signed_with = [](KeyKind kind, int algorithm) {
    Made made{kind, algorithm, {}};
    return made.outcome(packed_vector());
  };
  CHECK(signed_with(KeyKind::kP384, -35) == "ok");
  CHECK(signed_with(KeyKind::kEd25519, -8) == "ok");
  CHECK(signed_with(KeyKind::kRsa2048, -257) == "ok");
  CHECK(signed_with(KeyKind::kRsa1024, -257) == "bad_attestation");
  CHECK(signed_with(KeyKind::kP384, -7) == "bad_attestation");
  CHECK(signed_with(KeyKind::kRsa2048, -7) == "bad_attestation");
  CHECK(signed_with(KeyKind::kP256, -8) == "bad_attestation");
}

TEST_CASE("a TPM's attestation certificate is what section 8.3.1 demands",
          "[factors][attestation]") {
  const auto with = [](auto spoil) {
    Made made = made_tpm();
    spoil(made.certificate);
    return made.outcome(tpm_vector());
  };
  CHECK(made_tpm().outcome(tpm_vector()) == "ok");
  const std::string refused = "bad_certificate";
  CHECK(with([](auto& draft) { draft.subject = {{"CN", "a"}}; }) == refused);
  CHECK(with([](auto& draft) { draft.tpm_names.clear(); }) == refused);
  CHECK(with([](auto& draft) { draft.tpm_names.pop_back(); }) == refused);
  CHECK(with([](auto& draft) { draft.extensions.pop_back(); }) == refused);
  CHECK(with([](auto& draft) { draft.extensions[1].second = "clientAuth"; }) == refused);
  CHECK(with([](auto& draft) { draft.extensions[0].second = "critical,CA:TRUE"; }) == refused);
  CHECK(with([](auto& draft) { draft.extensions.erase(draft.extensions.begin()); }) == refused);
  CHECK(with([](auto& draft) { draft.version = 2; }) == refused);
}

TEST_CASE("a TPM may sign with RSA, though no credential of ours is of that kind",
          "[factors][attestation]") {
  Made made = made_tpm();
  made.kind = KeyKind::kRsa2048;
  made.algorithm = -257;
  CHECK(made.outcome(tpm_vector()) == "ok");
}

TEST_CASE("a TPM's structures must be whole, of the right kind and of this credential",
          "[factors][attestation]") {
  // Signed anew, so that only what is written can be the reason.
  const auto told = [](auto spoil) {
    const KeyHandle key = make_key(KeyKind::kP256);
    RegistrationTrial trial(tpm_vector());
    return trial.outcome_when([&](AttestationDraft& draft) {
      spoil(*draft.cert_info, *draft.pub_area);
      draft.certificates = {der_of(issue(tpm_certificate_draft(), key.get()).get())};
      draft.signature = signature_of(key.get(), *draft.cert_info);
    });
  };
  const std::string refused = "bad_attestation";
  CHECK(told([](Bytes&, Bytes&) {}) == "ok");
  CHECK(told([](Bytes& info, Bytes&) { info.push_back(0); }) == refused);
  CHECK(told([](Bytes&, Bytes& area) { area.push_back(0); }) == refused);
  CHECK(told([](Bytes& info, Bytes&) { info[0] = 0; }) == refused);     // not made by a TPM
  CHECK(told([](Bytes& info, Bytes&) { info[5] = 0x18; }) == refused);  // a quote
  CHECK(told([](Bytes&, Bytes& area) { area[1] = 0x01; }) == refused);  // an RSA key
  CHECK(told([](Bytes&, Bytes& area) { area[3] = 0x04; }) == refused);  // named by SHA-1
  CHECK(told([](Bytes&, Bytes& area) { area.back() ^= 1; }) == refused);
  CHECK(told([](Bytes& info, Bytes&) { info.back() ^= 1; }) == refused);
  CHECK(told([](Bytes& info, Bytes&) {
          const auto name = read_tpm_certification(info)->attested_name;
          info[static_cast<std::size_t>(name.data() - info.data()) + 1] = kTpmSha384;
        }) == refused);
  // Named anew as well, so that the name fits whatever pubArea says.
  const auto named = [&](auto spoil) {
    return told([&](Bytes& info, Bytes& area) {
      spoil(area);
      const auto name = read_tpm_certification(info)->attested_name;
      const auto at = info.begin() + (name.data() - info.data());
      std::ranges::copy(sha256(area), at + 2);
    });
  };
  CHECK(named([](Bytes&) {}) == "ok");
  CHECK(named([](Bytes& area) { area[7] ^= 1; }) == "ok");  // an attribute: not looked at
  CHECK(named([](Bytes& area) { area.back() ^= 1; }) == refused);
  CHECK(named([](Bytes& area) { area[area.size() - 36] ^= 1; }) == refused);
  CHECK(named([](Bytes& area) { area.push_back(0); }) == refused);
  CHECK(named([](Bytes& area) { area[3] = 0x0c; }) == refused);  // not what the name is made with
  CHECK(named([](Bytes& area) {
          const Bytes curve = {0x00, 0x03};
          const auto at = std::ranges::search(area, curve).begin();
          at[1] = 0x04;
        }) == refused);
  const std::size_t info_size = AttestationDraft(tpm_vector().attestation_object).cert_info->size();
  for (std::size_t i = 0; i < info_size; i += 5) {
    CHECK(told([&](Bytes& info, Bytes&) { info.resize(i); }) == refused);
    CHECK(told([&](Bytes&, Bytes& area) { area.resize(std::min(i, area.size() - 1)); }) == refused);
  }
}

TEST_CASE("what U2F does not sign cannot be claimed", "[factors][attestation]") {
  const auto with_flags = [](int flags) {
    return outcome_when(u2f_vector(), [&](AttestationDraft& draft) {
      draft.auth_data[kFlagsAt] = static_cast<std::uint8_t>(flags);
    });
  };
  CHECK(with_flags(0x45) == "bad_attestation");  // user verified
  CHECK(with_flags(0x49) == "bad_attestation");  // backup eligible
  CHECK(with_flags(0x59) == "bad_attestation");
  CHECK(outcome_when(u2f_vector(), [](AttestationDraft& draft) {
          draft.auth_data[kFlagsAt] |= 0x80;
          const Bytes extensions = cbor_map({{"credProtect", cbor_number(3)}});
          draft.auth_data.insert(draft.auth_data.end(), extensions.begin(), extensions.end());
        }) == "bad_attestation");
  // The vector has an AAGUID, which anybody could have written there.
  CHECK(RegistrationTrial(u2f_vector()).verified()->aaguid == Bytes(kAaguidBytes));
}

TEST_CASE("a U2F certificate has a key on P-256", "[factors][attestation]") {
  for (const KeyKind kind : {KeyKind::kP384, KeyKind::kEd25519, KeyKind::kRsa2048}) {
    const KeyHandle key = make_key(kind);
    CHECK(outcome_when(u2f_vector(), [&](AttestationDraft& draft) {
            draft.certificates = {der_of(issue(CertificateDraft{}, key.get()).get())};
          }) == "bad_certificate");
  }
  CHECK(outcome_when(vector_named("Packed Attestation with Ed25519 Credential"),
                     [](AttestationDraft& draft) {
                       draft.format = "fido-u2f";
                       draft.algorithm.reset();
                     }) == "bad_attestation");
}

}  // namespace
}  // namespace sekisho::authn
