// Security keys do what they are asked, and every way in which they do not has its own name.

#include "authn/factors/usb_security_keys.h"

#include "base/random.h"
#include "tests/factors/key_trial.h"
#include "tests/support/catch.h"
#include "tests/support/cbor_value.h"

namespace sekisho::authn {
namespace {

using testing::Cbor;
using testing::decoded;
using testing::KeyTrial;
using testing::outcome_of;
using testing::Registered;
using testing::SoftwareKeyState;
using testing::SoftwareSecurityKey;
using Fault = testing::SoftwareKeyFault;

std::vector<Bytes> strange_credentials(std::size_t count, std::size_t size) {
  std::vector<Bytes> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(SystemRandom().bytes(size));
  return ids;
}

TEST_CASE("a credential is made whose assertions verify", "[factors][security_key]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  const auto assertion = trial.get(trial.request_for({who.id}));
  REQUIRE(outcome_of(assertion) == "ok");
  CHECK(assertion->credential_id == who.id);
  CHECK(trial.judged(who, *assertion) == "ok");
  CHECK(trial.judged(who, *assertion, true) == "not_verified");
}

TEST_CASE("an attestation object is what a browser hands over", "[factors][security_key]") {
  KeyTrial trial;
  const auto made = trial.make(trial.creation());
  REQUIRE(made);
  const auto object = decoded(made->attestation_object);
  REQUIRE(object);
  const auto* members = object->as<Cbor::Map>();
  REQUIRE(members != nullptr);
  REQUIRE(members->size() == 3);
  CHECK((*members)[0].first == Cbor("fmt"));
  CHECK((*members)[0].second == Cbor("packed"));
  CHECK((*members)[1].first == Cbor("attStmt"));
  CHECK((*members)[1].second.find("sig") != nullptr);
  CHECK((*members)[2].first == Cbor("authData"));
}

TEST_CASE("a discoverable credential gives its user handle back", "[factors][security_key]") {
  KeyTrial trial;
  CreationRequest request = trial.creation();
  const Registered plain = trial.registered(request);
  request.is_discoverable = true;
  const Registered discoverable = trial.registered(request);
  CHECK(trial.key.state().credentials.back().is_discoverable);
  const auto without = trial.get(trial.request_for({plain.id}));
  REQUIRE(without);
  CHECK(without->user_handle.empty());
  const auto with = trial.get(trial.request_for({discoverable.id}));
  REQUIRE(with);
  CHECK(with->user_handle == request.user_handle);
}

TEST_CASE("the counter goes on with every assertion", "[factors][security_key]") {
  KeyTrial trial;
  Registered who = trial.registered();
  for (int i = 0; i < 3; ++i) {
    const auto assertion = trial.get(trial.request_for({who.id}));
    REQUIRE(assertion);
    CHECK(trial.judged(who, *assertion) == "ok");
    const auto data = read_authenticator_data(assertion->authenticator_data);
    REQUIRE(data);
    CHECK(data->sign_count == who.key.sign_count + 1);
    who.key.sign_count = data->sign_count;
  }
}

TEST_CASE("a key that already holds a credential makes no second", "[factors][security_key]") {
  KeyTrial trial(GENERATE(std::string(), std::string(KeyTrial::kPin)));
  const Registered who = trial.registered();
  CreationRequest request = trial.creation();
  request.verify_user = !trial.pin.empty();
  if (!trial.pin.empty()) request.pin = Secret(trial.pin);
  SECTION("with one to exclude") {
    request.excluded = {who.id};
  }
  SECTION("among many to exclude") {
    request.excluded = strange_credentials(20, 200);
    request.excluded.push_back(who.id);
  }
  CHECK(outcome_of(trial.make(request)) == "already_registered");
  CHECK(trial.key.state().credentials.size() == 1);
  request.excluded.pop_back();
  CHECK(outcome_of(trial.make(request)) == "ok");
}

TEST_CASE("somebody else's key is told from one's own without a touch", "[factors][security_key]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  trial.key.add(Fault::kDeaf);  // a touch would be waited for in vain
  CHECK(trial.keys.holds(trial.key.path(), KeyTrial::kRpId, {who.id}) == Holding::kShown);
  CHECK(trial.keys.holds(trial.key.path(), KeyTrial::kRpId, strange_credentials(3, 32)) ==
        Holding::kNone);
  CHECK(trial.keys.holds(trial.key.path(), "elsewhere.test", {who.id}) == Holding::kNone);
  CHECK(trial.keys.holds(trial.key.path(), KeyTrial::kRpId, {}) == Holding::kNone);
  CHECK(outcome_of(trial.get(trial.request_for(strange_credentials(3, 32)))) == "no_credential");
  trial.key.add(Fault::kForeign);
  CHECK(trial.keys.holds(trial.key.path(), KeyTrial::kRpId, {who.id}) == Holding::kNone);
  CHECK(outcome_of(trial.get(trial.request_for({who.id}))) == "no_credential");
}

TEST_CASE("a credential is found in a list longer than a message", "[factors][security_key]") {
  KeyTrial trial(GENERATE(std::string(), std::string(KeyTrial::kPin)));
  const Registered who = trial.registered();
  std::vector<Bytes> credentials = strange_credentials(7, 1023);
  credentials.push_back(who.id);
  const std::vector<Bytes> more = strange_credentials(30, 64);
  credentials.insert(credentials.end(), more.begin(), more.end());
  const Holding expected = trial.pin.empty() ? Holding::kShown : Holding::kMayHide;
  CHECK(trial.keys.holds(trial.key.path(), KeyTrial::kRpId, credentials) == expected);
  AssertionRequest request = trial.request_for(credentials);
  request.verify_user = !trial.pin.empty();
  if (!trial.pin.empty()) request.pin = Secret(trial.pin);
  const auto assertion = trial.get(request);
  REQUIRE(outcome_of(assertion) == "ok");
  CHECK(assertion->credential_id == who.id);
}

TEST_CASE("each of several keys is listed and asked by its path", "[factors][security_key]") {
  SoftwareSecurityKey first;
  SoftwareSecurityKey second;
  first.change([](SoftwareKeyState& state) { state.product = "First\x1b[31m"; });
  second.change([](SoftwareKeyState& state) {
    state.product = "Second";
    state.pin = "1234";
    state.pin_tries = 5;
    state.needs_new_pin = true;
    state.always_verifies = true;
    state.verifies_by_itself = true;
  });
  UsbSecurityKeys keys(testing::software_ports({&first, &second}));
  const std::vector<KeyStatus> found = keys.list();
  REQUIRE(found.size() == 2);
  CHECK(found[0].path == first.path());
  CHECK(found[0].product == "First\\x1b[31m");
  CHECK_FALSE(found[0].has_pin);
  CHECK_FALSE(found[0].pin_tries_left);
  CHECK_FALSE(found[0].always_verifies);
  CHECK(found[1].product == "Second");
  CHECK(found[1].has_pin);
  CHECK(found[1].pin_tries_left == 5);
  CHECK(found[1].needs_new_pin);
  CHECK(found[1].always_verifies);
  CHECK(found[1].can_verify_by_itself);
  CHECK(found[1].least_pin == 4);

  second.unplug();
  CHECK(keys.list().size() == 1);
  CHECK(outcome_of(keys.holds(second.path(), "sekisho.test", {{1}})) == "unplugged");
  first.unplug();
  CHECK(keys.list().empty());
  CHECK(outcome_of(keys.holds(second.path(), "sekisho.test", {{1}})) == "no_key");
}

TEST_CASE("a key of CTAP 1 is not used", "[factors][security_key]") {
  KeyTrial trial;
  trial.key.change([](SoftwareKeyState& state) { state.speaks_ctap2 = false; });
  CHECK(trial.keys.list().size() == 1);
  CHECK(outcome_of(trial.get(trial.request_for({{1}}))) == "unsupported");
  CHECK(outcome_of(trial.make(trial.creation())) == "unsupported");
}

TEST_CASE("credProtect is asked for, and less is refused", "[factors][security_key]") {
  KeyTrial trial(KeyTrial::kPin);
  CreationRequest request = trial.creation();
  CHECK(outcome_of(trial.make(request)) == "ok");
  CHECK(trial.key.state().credentials.back().protection == 2);
  request.verify_user = true;
  request.pin = Secret(trial.pin);
  CHECK(outcome_of(trial.make(request)) == "ok");
  CHECK(trial.key.state().credentials.back().protection == 2);
  request.protects_by_verification = true;
  CHECK(outcome_of(trial.make(request)) == "ok");
  CHECK(trial.key.state().credentials.back().protection == 3);
  trial.key.add(Fault::kWeakProtection);
  CHECK(outcome_of(trial.make(request)) == "unsupported");
  trial.key.remove(Fault::kWeakProtection);
  trial.key.change([](SoftwareKeyState& state) { state.protects = false; });
  CHECK(outcome_of(trial.make(request)) == "ok");  // it never said it could
}

TEST_CASE("a full key makes no credential", "[factors][security_key]") {
  KeyTrial trial;
  trial.key.add(Fault::kFull);
  CHECK(outcome_of(trial.make(trial.creation())) == "unsupported");
}

TEST_CASE("a dishonest key's signature goes on to who can judge it", "[factors][security_key]") {
  KeyTrial trial;
  Registered who = trial.registered();
  const auto [fault, verdict] = GENERATE(table<Fault, std::string>({
      {Fault::kBadSignature, "bad_signature"},
      {Fault::kNoPresence, "not_present"},
      {Fault::kStaleCounter, "clone_suspected"},
  }));
  trial.key.add(fault);
  const auto assertion = trial.get(trial.request_for({who.id}));
  REQUIRE(outcome_of(assertion) == "ok");
  CHECK(trial.judged(who, *assertion) == verdict);
}

TEST_CASE("a key that answers nonsense is broken", "[factors][security_key]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  SECTION("no CBOR") {
    trial.key.add(Fault::kGarbage);
    CHECK(outcome_of(trial.make(trial.creation())) == "broken");
  }
  SECTION("a credential it was not asked for") {
    trial.key.add(Fault::kWrongCredential);
  }
  CHECK(outcome_of(trial.get(trial.request_for({who.id}))) == "broken");
}

TEST_CASE("a key that is silent is not listed", "[factors][security_key]") {
  KeyTrial trial;
  trial.key.add(Fault::kSilent);
  CHECK(trial.keys.list().empty());
  CHECK(outcome_of(trial.get(trial.request_for({{1}}))) == "broken");
}

TEST_CASE("silent keys do not hide one that answers", "[factors][security_key]") {
  SoftwareSecurityKey first;
  SoftwareSecurityKey second;
  SoftwareSecurityKey good;
  first.add(Fault::kSilent);
  second.add(Fault::kSilent);
  UsbSecurityKeys keys(testing::software_ports({&first, &second, &good}));
  const auto start = std::chrono::steady_clock::now();
  const std::vector<KeyStatus> found = keys.list();
  // A prompt waits two seconds.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(1800));
  REQUIRE(found.size() == 1);
  CHECK(found.front().path == good.path());
}

TEST_CASE("a key that is pulled out half-way is unplugged, not broken", "[factors][security_key]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  SoftwareSecurityKey other;
  trial.key.add(Fault::kUnpluggedHalfway);
  CHECK(outcome_of(trial.get(trial.request_for({who.id}))) == "unplugged");
  CHECK(outcome_of(trial.get(trial.request_for({who.id}))) == "no_key");
  trial.key.replug();
  CHECK(outcome_of(trial.make(trial.creation())) == "unplugged");
  trial.key.remove(Fault::kUnpluggedHalfway);
  trial.key.replug();
  CHECK(outcome_of(trial.get(trial.request_for({who.id}))) == "ok");
}

}  // namespace
}  // namespace sekisho::authn
