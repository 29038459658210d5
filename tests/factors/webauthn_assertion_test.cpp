// Every supported vector of the specification is accepted, and every change to it is refused for
// its own reason.

#include "authn/factors/webauthn_assertion.h"

#include <atomic>
#include <thread>

#include "base/encoding.h"
#include "tests/factors/webauthn_vectors.h"
#include "tests/support/catch.h"

namespace sekisho::authn {
namespace {

using testing::kVectorOrigin;
using testing::kVectorRpId;
using testing::webauthn_vectors;
using testing::WebauthnVector;

// A ceremony with a vector; a test spoils one thing and looks at the outcome.
struct Trial {
  explicit Trial(const WebauthnVector& vector)
      : challenge(vector.challenge),
        client_data(vector.client_data),
        auth_data(vector.auth_data),
        signature(vector.signature) {
    const auto registered = read_authenticator_data(vector.registration_auth_data);
    REQUIRE(registered);
    REQUIRE(registered->credential);
    key = {registered->credential->key, registered->is_backup_eligible, registered->sign_count};
  }
  // "ok", or the name of the fault.
  std::string outcome() const {
    const auto verified = verify_assertion(key, {rp_id, origins, challenge, requires_verification},
                                           {client_data, auth_data, signature});
    return verified ? "ok" : std::string(name_of(verified.error()));
  }
  void replace_in_client_data(std::string_view from, std::string_view to) {
    std::string text(as_text(client_data));
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    client_data = copy_of(as_bytes(text));
  }

  RegisteredKey key;
  std::string rp_id = kVectorRpId;
  std::vector<std::string> origins = {kVectorOrigin};
  bool requires_verification = false;
  Bytes challenge;
  Bytes client_data;
  Bytes auth_data;
  Bytes signature;
};

std::vector<WebauthnVector> good_vectors() {
  std::vector<WebauthnVector> good;
  for (const WebauthnVector& vector : webauthn_vectors()) {
    if (vector.is_supported() && !vector.is_framed()) good.push_back(vector);
  }
  REQUIRE(good.size() == 10);
  return good;
}

TEST_CASE("the specification's assertions are accepted", "[factors][webauthn]") {
  for (const WebauthnVector& vector : good_vectors()) {
    INFO(vector.name);
    CHECK(Trial(vector).outcome() == "ok");
  }
}

TEST_CASE("an assertion from inside a frame is refused", "[factors][webauthn]") {
  int framed = 0;
  for (const WebauthnVector& vector : webauthn_vectors()) {
    if (!vector.is_framed()) continue;
    ++framed;
    CHECK(Trial(vector).outcome() == "cross_origin");
  }
  CHECK(framed == 2);
}

TEST_CASE("an algorithm that is not offered is no key of ours", "[factors][webauthn]") {
  int unsupported = 0;
  for (const WebauthnVector& vector : webauthn_vectors()) {
    if (vector.is_supported()) continue;
    ++unsupported;
    INFO(vector.name);
    const auto read = read_authenticator_data(vector.registration_auth_data);
    REQUIRE_FALSE(read);
    CHECK(read.error() == WebauthnFault::kUnsupportedKey);
  }
  CHECK(unsupported == 3);
}

TEST_CASE("one byte changed anywhere in what is signed is refused", "[factors][webauthn]") {
  for (const WebauthnVector& vector : good_vectors()) {
    INFO(vector.name);
    for (std::size_t i = 0; i < vector.auth_data.size(); ++i) {
      Trial trial(vector);
      trial.auth_data[i] ^= 0x20;
      CHECK(trial.outcome() != "ok");
    }
    for (std::size_t i = 0; i < vector.client_data.size(); i += 7) {
      Trial trial(vector);
      trial.client_data[i] ^= 0x01;
      CHECK(trial.outcome() != "ok");
    }
    for (std::size_t i = 0; i < vector.signature.size(); i += 5) {
      Trial trial(vector);
      trial.signature[i] ^= 0x01;
      CHECK(trial.outcome() == "bad_signature");
    }
  }
}

TEST_CASE("each lie of the client is refused for its own reason", "[factors][webauthn]") {
  for (const WebauthnVector& vector : good_vectors()) {
    INFO(vector.name);
    Trial origin(vector);
    origin.origins = {"https://example.com", "https://example.org:8443", "HTTPS://example.org"};
    CHECK(origin.outcome() == "wrong_origin");
    Trial party(vector);
    party.rp_id = "example.com";
    CHECK(party.outcome() == "wrong_relying_party");
    Trial challenge(vector);
    challenge.challenge.back() ^= 1;
    CHECK(challenge.outcome() == "wrong_challenge");
    challenge.challenge.clear();
    CHECK(challenge.outcome() == "wrong_challenge");
    Trial type(vector);
    type.replace_in_client_data("webauthn.get", "webauthn.create");
    CHECK(type.outcome() == "wrong_type");
    Trial added(vector);
    added.replace_in_client_data("{", "{\"more\":[{\"a\":1.5},null],");
    CHECK(added.outcome() == "bad_signature");
  }
}

TEST_CASE("flags that are missing or impossible are refused", "[factors][webauthn]") {
  for (const WebauthnVector& vector : good_vectors()) {
    INFO(vector.name);
    Trial absent(vector);
    absent.auth_data[32] &= static_cast<std::uint8_t>(~0x01);
    CHECK(absent.outcome() == "not_present");
    Trial unverified(vector);
    unverified.requires_verification = true;
    unverified.auth_data[32] &= static_cast<std::uint8_t>(~0x04);
    CHECK(unverified.outcome() == "not_verified");
    Trial impossible(vector);
    impossible.auth_data[32] = 0x11;
    CHECK(impossible.outcome() == "impossible_backup_state");
    Trial changed(vector);
    changed.key.is_backup_eligible = !changed.key.is_backup_eligible;
    CHECK(changed.outcome() == "backup_eligibility_changed");
  }
}

TEST_CASE("bytes too many or too few are refused", "[factors][webauthn]") {
  const WebauthnVector vector = good_vectors().front();
  for (std::size_t i = 0; i < vector.auth_data.size(); ++i) {
    Trial cut(vector);
    cut.auth_data.resize(i);
    CHECK(cut.outcome() == "malformed_authenticator_data");
  }
  Trial longer(vector);
  longer.auth_data.push_back(0);
  CHECK(longer.outcome() == "malformed_authenticator_data");
  Trial signature(vector);
  signature.signature.push_back(0);
  CHECK(signature.outcome() == "bad_signature");
  signature.signature.clear();
  CHECK(signature.outcome() == "bad_signature");
  signature.signature.assign(1 << 20, 0x30);
  CHECK(signature.outcome() == "bad_signature");
  Trial client(vector);
  client.client_data.push_back('x');
  CHECK(client.outcome() == "malformed_client_data");
}

TEST_CASE("client data that two readers could read differently is refused", "[factors][webauthn]") {
  const WebauthnVector vector = good_vectors().front();
  const auto told = [&](std::string_view from, std::string_view to) {
    Trial trial(vector);
    trial.replace_in_client_data(from, to);
    return trial.outcome();
  };
  CHECK(told("{", "{\"origin\":\"https://example.org\",") == "malformed_client_data");
  CHECK(told("{", "{\"crossOrigin\":\"false\",\"x\":1,") == "malformed_client_data");
  CHECK(told("\"type\":\"webauthn.get\"", "\"type\":[\"webauthn.get\"]") ==
        "malformed_client_data");
  CHECK(told("\"type\":\"webauthn.get\"", "\"type\":null") == "malformed_client_data");
  CHECK(told("{", "[{") == "malformed_client_data");
  Trial nested(vector);
  nested.replace_in_client_data("{", "{\"a\":" + std::string(100, '['));
  CHECK(nested.outcome() == "malformed_client_data");
  Trial large(vector);
  large.client_data.resize(kMaxAuthenticatorData * 2, ' ');
  CHECK(large.outcome() == "malformed_client_data");
  Trial marked(vector);
  marked.replace_in_client_data("{", "\xef\xbb\xbf{");
  CHECK(marked.outcome() == "bad_signature");  // read without the mark, hashed with it
}

TEST_CASE("a credential id of more than 1023 bytes is refused", "[factors][webauthn]") {
  for (const WebauthnVector& vector : webauthn_vectors()) {
    if (vector.name.find("very long credential ID") == std::string::npos) continue;
    Bytes data = vector.registration_auth_data;
    CHECK(read_authenticator_data(data)->credential->id.size() == kMaxCredentialId);
    data[53] = 0x04;
    data[54] = 0x00;
    data.insert(data.begin() + 55, 0);
    CHECK(read_authenticator_data(data).error() == WebauthnFault::kMalformedAuthenticatorData);
    return;
  }
  FAIL("the vector is not there");
}

TEST_CASE("assertions are verified in many threads at once", "[factors][webauthn]") {
  const std::vector<WebauthnVector> vectors = good_vectors();
  std::atomic<int> accepted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (const WebauthnVector& vector : vectors) accepted += Trial(vector).outcome() == "ok";
      });
    }
  }
  CHECK(accepted == 8 * static_cast<int>(vectors.size()));
}

TEST_CASE("a counter that does not grow is a sign of a clone", "[factors][webauthn]") {
  Trial trial(good_vectors().front());
  const auto verified = [&] {
    return verify_assertion(trial.key, {trial.rp_id, trial.origins, trial.challenge, false},
                            {trial.client_data, trial.auth_data, trial.signature});
  };
  CHECK_FALSE(verified()->is_clone_suspected);  // the vectors' keys do not count
  trial.key.sign_count = 1;
  CHECK(verified()->is_clone_suspected);
}

}  // namespace
}  // namespace sekisho::authn
