// A security key's PIN: sent only when it must and can be, never twice, and never believed without
// the key's word that it verified.

#include <map>

#include "authn/factors/key_pin.h"
#include "tests/factors/key_trial.h"
#include "tests/support/catch.h"

namespace sekisho::authn {
namespace {

using testing::KeyTrial;
using testing::outcome_of;
using testing::Registered;
using testing::SoftwareKeyState;
using Fault = testing::SoftwareKeyFault;

AssertionRequest verified_request(const KeyTrial& trial, const Bytes& id,
                                  std::optional<std::string> pin) {
  AssertionRequest request = trial.request_for({id});
  request.verify_user = true;
  if (pin) request.pin = Secret(*pin);
  return request;
}

int tries_left(KeyTrial& trial) {
  const std::vector<KeyStatus> keys = trial.keys.list();
  REQUIRE(keys.size() == 1);
  REQUIRE(keys[0].pin_tries_left);
  return *keys[0].pin_tries_left;
}

TEST_CASE("a PIN verifies the user with every kind of key", "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  const std::vector<int> protocols = GENERATE(std::vector{1}, std::vector{2}, std::vector{2, 1});
  const bool has_tokens = GENERATE(true, false);
  trial.key.change([&](SoftwareKeyState& state) {
    state.pin_protocols = protocols;
    state.has_pin_tokens = has_tokens;
  });
  const Registered who = trial.registered();
  const auto assertion = trial.get(verified_request(trial, who.id, KeyTrial::kPin));
  REQUIRE(outcome_of(assertion) == "ok");
  CHECK(trial.judged(who, *assertion, true) == "ok");
  CHECK(tries_left(trial) == 8);
}

TEST_CASE("a PIN no key can have never reaches one", "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  const Registered who = trial.registered();
  const int before = trial.key.reports_heard();
  const std::string pin = GENERATE(std::string(), std::string("123"), std::string("山花子"),
                                   std::string(64, '1'), std::string("1234\xff"),
                                   std::string("1234\0"
                                               "5",
                                               6));
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, pin))) == "pin_unusable");
  CreationRequest request = trial.creation();
  request.pin = Secret(pin);
  CHECK(outcome_of(trial.make(request)) == "pin_unusable");
  CHECK(trial.key.reports_heard() == before);
}

TEST_CASE("PINs of the least and the most length are taken", "[factors][security_key][pin]") {
  const std::string pin =
      GENERATE(std::string("山田花子"), std::string(63, '1'), std::string("1234"));
  CHECK(is_usable_pin(Secret(pin)));
  KeyTrial trial(pin);
  const Registered who = trial.registered();
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, pin))) == "ok");
}

TEST_CASE("verification is refused without a PIN before the key is asked to sign",
          "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  const Registered who = trial.registered();
  trial.key.add(Fault::kDeaf);
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, std::nullopt))) == "pin_required");
  CreationRequest request = trial.creation();
  request.verify_user = true;
  CHECK(outcome_of(trial.make(request)) == "pin_required");
}

TEST_CASE("verification is refused by a key that cannot verify", "[factors][security_key][pin]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  const std::optional<std::string> pin =
      GENERATE(std::optional<std::string>(), std::optional<std::string>("1234"));
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, pin))) == "pin_not_set");
  CreationRequest request = trial.creation();
  request.verify_user = true;
  if (pin) request.pin = Secret(*pin);
  CHECK(outcome_of(trial.make(request)) == "pin_not_set");
}

TEST_CASE("a wrong PIN costs one try and is not tried again", "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  const Registered who = trial.registered();
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, "wrong"))) == "pin_wrong");
  CHECK(tries_left(trial) == 7);
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, KeyTrial::kPin))) == "ok");
  CHECK(tries_left(trial) == 8);
}

TEST_CASE("a wrong PIN costs one try however many credentials there are",
          "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  std::vector<Bytes> many(40, Bytes(64));
  for (std::size_t i = 0; i < many.size(); ++i) many[i][0] = static_cast<std::uint8_t>(i);
  AssertionRequest request = trial.request_for(many);
  request.verify_user = true;
  request.pin = Secret(std::string_view("wrong"));
  CHECK(outcome_of(trial.get(request)) == "pin_wrong");
  CHECK(tries_left(trial) == 7);
  CreationRequest creation = trial.creation();
  creation.excluded = many;
  creation.verify_user = true;
  creation.pin = Secret(std::string_view("wrong"));
  CHECK(outcome_of(trial.make(creation)) == "pin_wrong");
  CHECK(tries_left(trial) == 6);
}

TEST_CASE("three wrong PINs in a row block the key until it is plugged in again",
          "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  const Registered who = trial.registered();
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, "wrong1"))) == "pin_wrong");
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, "wrong2"))) == "pin_wrong");
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, "wrong3"))) == "pin_auth_blocked");
  CHECK(tries_left(trial) == 5);
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, trial.pin))) == "pin_auth_blocked");
  CHECK(tries_left(trial) == 5);
  trial.key.replug();
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, trial.pin))) == "ok");
}

TEST_CASE("eight wrong PINs block the key for good", "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  const Registered who = trial.registered();
  std::map<std::string, int> outcomes;
  for (int i = 0; i < 8; ++i) {
    if (i % 2 == 0) trial.key.replug();
    ++outcomes[outcome_of(trial.get(verified_request(trial, who.id, "wrong")))];
  }
  CHECK(outcomes == std::map<std::string, int>{{"pin_wrong", 7}, {"pin_blocked", 1}});
  trial.key.replug();
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, trial.pin))) == "pin_blocked");
}

TEST_CASE("a PIN that must be changed is not sent", "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  const Registered who = trial.registered();
  trial.key.change([](SoftwareKeyState& state) {
    state.needs_new_pin = true;
    state.pin_tries = 7;
  });
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, trial.pin))) == "pin_change_forced");
  CHECK(tries_left(trial) == 7);  // the right PIN would have made it 8
}

TEST_CASE("a key that did not verify is not believed", "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  const Registered who = trial.registered();
  trial.key.add(Fault::kNoVerification);
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, trial.pin))) == "broken");
  CreationRequest request = trial.creation();
  request.verify_user = true;
  request.pin = Secret(trial.pin);
  CHECK(outcome_of(trial.make(request)) == "broken");
}

TEST_CASE("no PIN is sent where none is needed", "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  CreationRequest creation = trial.creation();
  const Registered who = trial.registered(creation);  // credProtect 2
  const auto assertion = trial.get(trial.request_for({who.id}));
  REQUIRE(outcome_of(assertion) == "ok");
  CHECK(trial.judged(who, *assertion, true) == "not_verified");

  AssertionRequest request = trial.request_for({who.id});
  request.pin = Secret(trial.pin);
  const auto with_pin = trial.get(request);
  REQUIRE(outcome_of(with_pin) == "ok");
  CHECK(trial.judged(who, *with_pin, true) == "ok");
}

TEST_CASE("a credential that shows itself only after verification is asked for with the PIN",
          "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  const Registered who = trial.registered();
  REQUIRE(trial.key.state().credentials.back().protection == 3);
  CHECK(trial.keys.holds(trial.key.path(), KeyTrial::kRpId, {who.id}) == Holding::kMayHide);
  CHECK(trial.keys.holds(trial.key.path(), KeyTrial::kRpId, {Bytes(32)}) == Holding::kMayHide);
  CHECK(outcome_of(trial.get(trial.request_for({who.id}))) == "pin_required");
  CHECK(outcome_of(trial.get(verified_request(trial, who.id, trial.pin))) == "ok");
  CHECK(outcome_of(trial.get(verified_request(trial, Bytes(32), trial.pin))) == "no_credential");
}

TEST_CASE("a key with a fingerprint reader needs no PIN", "[factors][security_key][pin]") {
  KeyTrial trial;
  const bool has_tokens = GENERATE(true, false);
  trial.key.change([&](SoftwareKeyState& state) {
    state.verifies_by_itself = true;
    state.has_pin_tokens = has_tokens;
  });
  CreationRequest creation = trial.creation();
  creation.verify_user = true;
  const Registered who = trial.registered(creation);
  const auto assertion = trial.get(verified_request(trial, who.id, std::nullopt));
  REQUIRE(outcome_of(assertion) == "ok");
  CHECK(trial.judged(who, *assertion, true) == "ok");
}

TEST_CASE("a key that always verifies wants its PIN even for presence",
          "[factors][security_key][pin]") {
  KeyTrial trial(KeyTrial::kPin);
  trial.key.change([](SoftwareKeyState& state) {
    state.always_verifies = true;
    state.protects = false;
  });
  const Registered who = trial.registered();
  CHECK(outcome_of(trial.make(trial.creation())) == "pin_required");
  CHECK(outcome_of(trial.get(trial.request_for({who.id}))) == "pin_required");
  CHECK(trial.keys.holds(trial.key.path(), KeyTrial::kRpId, {Bytes(32)}) == Holding::kMayHide);
  AssertionRequest request = trial.request_for({who.id});
  request.pin = Secret(trial.pin);
  CHECK(outcome_of(trial.get(request)) == "ok");
}

}  // namespace
}  // namespace sekisho::authn
