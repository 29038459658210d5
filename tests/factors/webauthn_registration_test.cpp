// Every supported vector of the specification is registered and may then sign in; every lie of the
// client and every byte out of place is refused for its own reason.  What attestation statements
// must be is in attestation_test.cpp.

#include "authn/factors/webauthn_registration.h"

#include "authn/factors/webauthn_assertion.h"
#include "base/encoding.h"
#include "tests/factors/registration_trial.h"

namespace sekisho::authn {
namespace {

using namespace testing;  // NOLINT: the vectors and the trial

TEST_CASE("each lie of the client about a registration is refused for its own reason",
          "[factors][webauthn]") {
  for (const WebauthnVector& vector : good_registrations()) {
    INFO(vector.name);
    RegistrationTrial origin(vector);
    origin.origins = {"https://example.com", "https://example.org:8443", "HTTPS://example.org"};
    CHECK(origin.outcome() == "wrong_origin");
    RegistrationTrial party(vector);
    party.rp_id = "example.com";
    CHECK(party.outcome() == "wrong_relying_party");
    RegistrationTrial challenge(vector);
    challenge.challenge.back() ^= 1;
    CHECK(challenge.outcome() == "wrong_challenge");
    challenge.challenge.clear();
    CHECK(challenge.outcome() == "wrong_challenge");
    RegistrationTrial type(vector);
    type.replace_in_client_data("webauthn.create", "webauthn.get");
    CHECK(type.outcome() == "wrong_type");
  }
}

TEST_CASE("an assertion is no registration", "[factors][webauthn]") {
  for (const WebauthnVector& vector : good_registrations()) {
    INFO(vector.name);
    RegistrationTrial trial(vector);
    trial.client_data = vector.client_data;
    trial.challenge = vector.challenge;
    CHECK(trial.outcome() == "wrong_type");
    RegistrationTrial data(vector);
    CHECK(data.outcome_when([&](AttestationDraft& draft) { draft.auth_data = vector.auth_data; }) ==
          "malformed_authenticator_data");
  }
}

TEST_CASE("a registration from inside a frame is refused", "[factors][webauthn]") {
  int framed = 0;
  for (const WebauthnVector& vector : webauthn_vectors()) {
    if (!vector.is_framed()) continue;
    ++framed;
    CHECK(RegistrationTrial(vector).outcome() == "cross_origin");
  }
  CHECK(framed == 2);
}

TEST_CASE("a credential of an algorithm that was not offered is refused", "[factors][webauthn]") {
  int unsupported = 0;
  for (const WebauthnVector& vector : webauthn_vectors()) {
    if (vector.is_supported()) continue;
    ++unsupported;
    INFO(vector.name);
    CHECK(RegistrationTrial(vector).outcome() == "unsupported_key");
  }
  CHECK(unsupported == 3);
}

TEST_CASE("formats of phones and browsers are refused", "[factors][webauthn]") {
  for (const char* name : {"Android Key Attestation with ES256 Credential",
                           "Apple Anonymous Attestation with ES256 Credential"}) {
    CHECK(RegistrationTrial(vector_named(name)).outcome() == "unsupported_attestation");
  }
  for (const char* format : {"", "None", "packed ", "android-safetynet", "compound"}) {
    RegistrationTrial trial(packed_vector());
    CHECK(trial.outcome_when([&](AttestationDraft& draft) { draft.format = format; }) ==
          "unsupported_attestation");
  }
}

TEST_CASE("flags of a registration that are missing or impossible are refused",
          "[factors][webauthn]") {
  for (const WebauthnVector& vector : good_registrations()) {
    INFO(vector.name);
    const auto with_flags = [&](auto change, auto prepare) {
      RegistrationTrial trial(vector);
      prepare(trial);
      return trial.outcome_when([&](AttestationDraft& draft) {
        draft.auth_data[kFlagsAt] = static_cast<std::uint8_t>(change(draft.auth_data[kFlagsAt]));
      });
    };
    const auto as_it_is = [](RegistrationTrial&) {};
    CHECK(with_flags([](int flags) { return flags & ~0x01; }, as_it_is) == "not_present");
    CHECK(with_flags([](int flags) { return flags & ~0x04; },
                     [](RegistrationTrial& trial) { trial.requires_verification = true; }) ==
          "not_verified");
    CHECK(with_flags([](int flags) { return (flags & ~0x08) | 0x10; }, as_it_is) ==
          "impossible_backup_state");
    CHECK(with_flags([](int flags) { return flags | 0x08; },
                     [](RegistrationTrial& trial) { trial.allows_syncable = false; }) ==
          "syncable");
    CHECK(with_flags([](int flags) { return flags & ~0x40; }, as_it_is) ==
          "malformed_authenticator_data");
    CHECK(with_flags([](int flags) { return flags | 0x80; }, as_it_is) ==
          "malformed_authenticator_data");
  }
}

TEST_CASE("a byte too many or too few in a registration is refused", "[factors][webauthn]") {
  for (const WebauthnVector& vector : good_registrations()) {
    INFO(vector.name);
    for (std::size_t i = 0; i < vector.attestation_object.size(); i += 3) {
      RegistrationTrial cut(vector);
      cut.attestation_object.resize(i);
      CHECK(cut.outcome() == "malformed_attestation");
    }
    RegistrationTrial longer(vector);
    longer.attestation_object.push_back(0);
    CHECK(longer.outcome() == "malformed_attestation");
    RegistrationTrial data(vector);
    CHECK(data.outcome_when([](AttestationDraft& draft) { draft.auth_data.push_back(0); }) ==
          "malformed_authenticator_data");
    RegistrationTrial less(vector);
    CHECK(less.outcome_when([](AttestationDraft& draft) { draft.auth_data.pop_back(); }) ==
          "malformed_authenticator_data");
    const auto with_long_format = [&](std::size_t length) {
      RegistrationTrial large(vector);
      return large.outcome_when(
          [&](AttestationDraft& draft) { draft.format = std::string(length, 'x'); });
    };
    CHECK(with_long_format(8192) == "unsupported_attestation");
    CHECK(with_long_format(kMaxAttestationObject) == "malformed_attestation");
    RegistrationTrial client(vector);
    client.client_data.push_back('x');
    CHECK(client.outcome() == "malformed_client_data");
  }
}

TEST_CASE("an attestation object has three members, each once and of its kind",
          "[factors][webauthn]") {
  const AttestationDraft draft(packed_vector().attestation_object);
  const auto told = [](const std::vector<std::pair<std::string, Bytes>>& members) {
    RegistrationTrial trial(packed_vector());
    trial.attestation_object = cbor_map(members);
    return trial.outcome();
  };
  const std::pair<std::string, Bytes> format{"fmt", cbor_text("none")};
  const std::pair<std::string, Bytes> statement{"attStmt", cbor_map({})};
  const std::pair<std::string, Bytes> data{"authData", cbor_bytes(draft.auth_data)};
  CHECK(told({format, data}) == "malformed_attestation");
  CHECK(told({format, statement}) == "malformed_attestation");
  CHECK(told({statement, data}) == "malformed_attestation");
  CHECK(told({format, statement, data, {"more", cbor_number(1)}}) == "malformed_attestation");
  CHECK(told({format, format, data}) == "malformed_attestation");
  CHECK(told({format, statement, data, data}) == "malformed_attestation");
  CHECK(told({{"fmt", cbor_bytes(as_bytes("none"))}, statement, data}) == "malformed_attestation");
  CHECK(told({format, {"attStmt", cbor_array({})}, data}) == "malformed_attestation");
  CHECK(told({format, statement, {"authData", cbor_text("none")}}) == "malformed_attestation");
  CHECK(told({{"Fmt", cbor_text("none")}, statement, data}) == "malformed_attestation");
  CHECK(told({format, statement, data}) == "ok");
}

TEST_CASE("a registration with a credential id of more than 1023 bytes is refused",
          "[factors][webauthn]") {
  const WebauthnVector vector = vector_named("ES256 Credential with very long credential ID");
  CHECK(RegistrationTrial(vector).verified()->credential_id.size() == kMaxCredentialId);
  RegistrationTrial longer(vector);
  CHECK(longer.outcome_when([](AttestationDraft& draft) {
    draft.auth_data[kIdLengthAt] = 0x04;
    draft.auth_data[kIdLengthAt + 1] = 0x00;
    draft.auth_data.insert(draft.auth_data.begin() + kIdAt, 0);
  }) == "malformed_authenticator_data");
  RegistrationTrial none(vector);
  CHECK(none.outcome_when([](AttestationDraft& draft) {
    draft.auth_data[kIdLengthAt] = draft.auth_data[kIdLengthAt + 1] = 0;
    draft.auth_data.erase(draft.auth_data.begin() + kIdAt,
                          draft.auth_data.begin() + kIdAt + kMaxCredentialId);
  }) == "malformed_authenticator_data");
}

TEST_CASE("a public key that is no point on its curve is refused", "[factors][webauthn]") {
  const WebauthnVector vector = vector_named("ES256 Credential with No Attestation");
  RegistrationTrial off(vector);
  CHECK(off.outcome_when([](AttestationDraft& draft) { draft.auth_data.back() ^= 1; }) ==
        "unsupported_key");
  RegistrationTrial zero(vector);
  CHECK(zero.outcome_when([](AttestationDraft& draft) {
    std::fill(draft.auth_data.end() - 32, draft.auth_data.end(), 0);
    std::fill(draft.auth_data.end() - 67, draft.auth_data.end() - 35, 0);
  }) == "unsupported_key");
}

TEST_CASE("a credential that may leave its key is refused where none may", "[factors][webauthn]") {
  int syncable = 0;
  for (const WebauthnVector& vector : good_registrations()) {
    INFO(vector.name);
    RegistrationTrial trial(vector);
    const bool is_syncable = trial.verified()->is_backup_eligible;
    syncable += is_syncable ? 1 : 0;
    trial.allows_syncable = false;
    CHECK(trial.outcome() == (is_syncable ? "syncable" : "ok"));
  }
  CHECK(syncable == 6);
}

TEST_CASE("the level of credProtect is read from the key's extensions", "[factors][webauthn]") {
  const WebauthnVector vector = vector_named("ES256 Credential with No Attestation");
  CHECK(RegistrationTrial(vector).verified()->cred_protect == 0);
  const auto with = [&](const Bytes& extensions) {
    RegistrationTrial trial(vector);
    AttestationDraft draft(trial.attestation_object);
    draft.auth_data[kFlagsAt] |= 0x80;
    draft.auth_data.insert(draft.auth_data.end(), extensions.begin(), extensions.end());
    trial.attestation_object = draft.encoded();
    return trial;
  };
  for (const int level : {1, 2, 3}) {
    CHECK(with(cbor_map({{"credProtect", cbor_number(level)}})).verified()->cred_protect == level);
  }
  const Bytes truth = {0xf5};
  CHECK(with(cbor_map({{"hmac-secret", truth}, {"credProtect", cbor_number(2)}}))
            .verified()
            ->cred_protect == 2);
  for (const int level : {0, 4, -1, 256}) {
    CHECK(with(cbor_map({{"credProtect", cbor_number(level)}})).outcome() ==
          "malformed_authenticator_data");
  }
  CHECK(with(cbor_map({{"credProtect", truth}})).outcome() == "malformed_authenticator_data");
  CHECK(with(cbor_map({{"credProtect", cbor_number(3)}, {"credProtect", cbor_number(1)}}))
            .outcome() == "malformed_authenticator_data");
  CHECK(with(cbor_array({})).outcome() == "malformed_authenticator_data");
}

TEST_CASE("the specification's registrations are accepted, and their keys sign in",
          "[factors][webauthn]") {
  for (const WebauthnVector& vector : good_registrations()) {
    INFO(vector.name);
    const auto registration = RegistrationTrial(vector).verified();
    REQUIRE(registration);
    CHECK(registration->format == vector.format);
    CHECK(registration->key.algorithm == vector.algorithm);
    const auto assertion = verify_assertion(
        {registration->key, registration->is_backup_eligible, registration->sign_count},
        {kVectorRpId, std::vector{kVectorOrigin}, vector.challenge, false},
        {vector.client_data, vector.auth_data, vector.signature});
    CHECK(assertion);
  }
}

TEST_CASE("a registration says what the key said of itself", "[factors][webauthn]") {
  const auto registration = RegistrationTrial(packed_vector()).verified();
  REQUIRE(registration);
  CHECK(hex_of(registration->aaguid) == "876ca4f52071c3e9b25509ef2cdf7ed6");
  CHECK(registration->credential_id.size() == 32);
  CHECK(registration->is_user_verified);
  CHECK(registration->is_backup_eligible);
  CHECK_FALSE(registration->is_backed_up);
  CHECK(registration->sign_count == 0);
}

}  // namespace
}  // namespace sekisho::authn
