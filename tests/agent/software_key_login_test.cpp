// Logins with the code that talks to keys of plastic, and a key in software on its wire.
#include <memory>

#include "authn/factors/usb_security_keys.h"
#include "authn/factors/webauthn_assertion.h"
#include "tests/agent/seated_agent.h"
#include "tests/support/catch.h"
#include "tests/support/cbor_value.h"
#include "tests/support/software_security_key.h"

namespace sekisho::agent {
namespace {

using authn::UsbSecurityKeys;
using conversation::Finish;
using conversation::Info;
using conversation::Problem;
using conversation::Prompt;
using conversation::Purpose;
using conversation::Status;
using conversation::Wait;
using sekisho::testing::SoftwareKeyFault;
using sekisho::testing::SoftwareKeyState;
using sekisho::testing::SoftwareSecurityKey;
using terminal_api::Factor;
using testing::Agent;
using testing::Module;
using testing::taro;

constexpr const char* kRpId = "portal.town.example";
constexpr const char* kPin = "hirake-goma";

// A key with a PIN that was registered, as the desk does it where policy requires verification, for
// logins at the portal.
struct RegisteredKey {
  RegisteredKey() {
    key.change([](SoftwareKeyState& state) { state.pin = kPin; });
    authn::CreationRequest request;
    request.rp_id = kRpId;
    request.rp_name = "The town office";
    request.user_handle = {1, 2, 3, 4};
    request.user_name = "taro";
    request.display_name = "関所太郎";
    request.verify_user = true;
    request.protects_by_verification = true;
    request.pin = Secret(std::string_view(kPin));
    authn::Cancellation cancellation;
    const auto made = keys.make_credential(key.path(), request, cancellation);
    REQUIRE(made);
    const auto object = sekisho::testing::decoded(made->attestation_object);
    REQUIRE(object);
    const auto data = authn::read_authenticator_data(*object->find_as<Bytes>("authData"));
    REQUIRE(data);
    id = copy_of(data->credential->id);
    registered = {data->credential->key, data->is_backup_eligible, data->sign_count};
  }

  SoftwareSecurityKey key;
  UsbSecurityKeys keys{sekisho::testing::software_ports({&key})};
  Bytes id;
  authn::RegisteredKey registered;
};

struct Seat {
  Seat() {
    agent.factors = {Factor::kPassword, Factor::kSecurityKey};
    agent.challenge = {.rp_id = kRpId,
                       .challenge = Bytes(terminal_api::kChallengeBytes, 9),
                       .credentials = {Bytes(64, 1), own.id},
                       .verify_user = true};
  }
  // Up to the key: the password, and the PIN.
  Module begin(std::string_view pin) {
    Module module(agent.path());
    module.send(taro());
    module.expect<Prompt>();
    module.reply("pass word");
    const Prompt prompt = module.expect<Prompt>();
    CHECK(prompt.purpose == Purpose::kPin);
    module.reply(pin);
    module.expect<Info>();
    module.expect<Wait>();
    return module;
  }
  std::string refusal(Module module) {
    const std::string text = module.expect<Problem>().text;
    CHECK(module.expect<Finish>().status == Status::kDenied);
    CHECK(agent.asked().size() == begun_);
    return text;
  }
  std::string refusal_with(std::string_view pin) {
    ++begun_;
    return refusal(begin(pin));
  }

  RegisteredKey own;
  Agent agent{{.keys = &own.keys}};
  std::size_t begun_ = 0;
};

TEST_CASE("what a touched key signs at this terminal is what the gateway verifies",
          "[agent][key]") {
  Seat seat;
  seat.own.key.add(SoftwareKeyFault::kSlowTouch);
  Module module = seat.begin(kPin);
  REQUIRE(seat.own.key.wait_until_it_blinks());
  seat.own.key.touch();
  CHECK(module.expect<Finish>().status == Status::kGranted);

  const auto finish = terminal_api::decode_finish_request(seat.agent.asked().at(1).body).value();
  REQUIRE(finish.key);
  CHECK(finish.key->credential_id == seat.own.id);
  const auto verdict_at = [&](const std::string& terminal) {
    const std::vector<std::string> origins{terminal_api::terminal_origin(terminal)};
    return authn::verify_assertion(
        seat.own.registered, {kRpId, origins, seat.agent.challenge->challenge, true},
        {finish.key->client_data, finish.key->authenticator_data, finish.key->signature});
  };
  const auto here = verdict_at("t1");
  REQUIRE(here);
  CHECK(here->is_user_verified);
  CHECK_FALSE(verdict_at("t2"));
}

TEST_CASE("a wrong PIN costs one try, and three in a row want the key pulled out", "[agent][key]") {
  Seat seat;
  CHECK(seat.refusal_with("wrong 1") == "Wrong PIN. 7 tries left. Log in again.");
  CHECK(seat.own.key.state().pin_tries == 7);
  CHECK(seat.refusal_with("wrong 2") == "Wrong PIN. 6 tries left. Log in again.");
  CHECK(seat.refusal_with("wrong 3").find("Pull the key out") != std::string::npos);
  CHECK(seat.own.key.state().pin_tries == 5);
  CHECK(seat.refusal_with(kPin).find("Pull the key out") != std::string::npos);
  seat.own.key.replug();
  CHECK(seat.begin(kPin).expect<Finish>().status == Status::kGranted);
}

TEST_CASE("whoever gives up makes a real key stop blinking", "[agent][key]") {
  Seat seat;
  seat.own.key.add(SoftwareKeyFault::kSlowTouch);
  {
    const Module module = seat.begin(kPin);
    REQUIRE(seat.own.key.wait_until_it_blinks());
  }
  // It is free for the next login, which could not have it while it blinked for the first.
  Module next = seat.begin(kPin);
  REQUIRE(seat.own.key.wait_until_it_blinks());
  seat.own.key.touch();
  CHECK(next.expect<Finish>().status == Status::kGranted);
}

TEST_CASE("a key that blinks for one login does not hold another up", "[agent][key]") {
  Seat seat;
  seat.agent.factors = {Factor::kPassword, Factor::kTotp, Factor::kSecurityKey};
  seat.own.key.add(SoftwareKeyFault::kSlowTouch);
  const auto begin_up_to_the_code = [&seat] {
    Module module(seat.agent.path());
    module.send(taro());
    module.expect<Prompt>();
    module.reply("pass word");
    CHECK(module.expect<Prompt>().purpose == Purpose::kCode);
    return module;
  };
  Module first = begin_up_to_the_code();
  first.reply("");
  CHECK(first.expect<Prompt>().purpose == Purpose::kPin);
  first.reply(kPin);
  first.expect<Info>();
  first.expect<Wait>();
  REQUIRE(seat.own.key.wait_until_it_blinks());
  Module second = begin_up_to_the_code();
  second.reply("123456");
  CHECK(second.expect<Finish>().status == Status::kGranted);
  seat.own.key.touch();
  CHECK(first.expect<Finish>().status == Status::kGranted);
}

TEST_CASE("a key that is pulled out half-way is told, and so is somebody else's", "[agent][key]") {
  Seat seat;
  const auto [fault, text] = GENERATE(table<SoftwareKeyFault, std::string>({
      {SoftwareKeyFault::kUnpluggedHalfway, "The security key was pulled out."},
      {SoftwareKeyFault::kForeign, "This key is not registered as yours."},
      {SoftwareKeyFault::kTouchTimesOut, "The key was not touched in time."},
      {SoftwareKeyFault::kGarbage, "The key does not answer."},
  }));
  seat.own.key.add(fault);
  Module module(seat.agent.path());
  module.send(taro());
  module.expect<Prompt>();
  module.reply("pass word");
  std::string problem;
  Status status = Status::kGranted;
  // Some are known before the PIN is asked for, some only after.
  while (status == Status::kGranted) {
    const conversation::FromAgent message = module.receive();
    if (std::holds_alternative<Prompt>(message)) module.reply(kPin);
    if (const auto* told = std::get_if<Problem>(&message)) problem = told->text;
    if (const auto* finish = std::get_if<Finish>(&message)) {
      status = finish->status;
      CHECK(status == Status::kDenied);
      break;
    }
  }
  CHECK(problem.find(text) == 0);
  CHECK(seat.agent.asked().size() == 1);
}

// A colleague's key was left in the terminal, and is found before the person's own.
struct SharedSeat {
  SharedSeat() {
    strangers.change([](SoftwareKeyState& state) { state.pin = "8-8-8-8"; });
    agent.factors = {Factor::kPassword, Factor::kSecurityKey};
    agent.challenge = {.rp_id = kRpId,
                       .challenge = Bytes(terminal_api::kChallengeBytes, 9),
                       .credentials = {own.id},
                       .verify_user = true};
  }
  void show_own_credential() {
    own.key.change([](SoftwareKeyState& state) { state.credentials.back().protection = 2; });
  }
  // Up to the PIN's prompt, which is returned.
  std::string begin(Module& module) {
    module.send(taro());
    module.expect<Prompt>();
    module.reply("pass word");
    const Prompt prompt = module.expect<Prompt>();
    CHECK(prompt.purpose == Purpose::kPin);
    return prompt.text;
  }
  int strangers_tries() { return strangers.state().pin_tries; }

  SoftwareSecurityKey strangers;
  RegisteredKey own;
  UsbSecurityKeys keys{sekisho::testing::software_ports({&strangers, &own.key})};
  Agent agent{{.keys = &keys}};
};

constexpr const char* kWarning = "(only if \"Software key\" is yours";

TEST_CASE("a key that shows the person's credential comes before one that may hide it",
          "[agent][key]") {
  SharedSeat seat;
  seat.show_own_credential();
  {
    Module module(seat.agent.path());
    CHECK(seat.begin(module).find(kWarning) == std::string::npos);
    module.reply("wrong");
    module.expect<Info>();
    module.expect<Wait>();
    CHECK(module.expect<Problem>().text == "Wrong PIN. 7 tries left. Log in again.");
    CHECK(module.expect<Finish>().status == Status::kDenied);
  }
  Module module(seat.agent.path());
  seat.begin(module);
  module.reply(kPin);
  module.expect<Info>();
  module.expect<Wait>();
  CHECK(module.expect<Finish>().status == Status::kGranted);
  CHECK(seat.strangers_tries() == 8);
}

TEST_CASE("whoever heeds the warning costs the owner of a key that was left in no tries",
          "[agent][key]") {
  SharedSeat seat;
  Module module(seat.agent.path());
  SECTION("the own key is plugged in beside it, and shows itself") {
    seat.show_own_credential();
    seat.own.key.unplug();
    CHECK(seat.begin(module).find(kWarning) != std::string::npos);
    seat.own.key.replug();
  }
  SECTION("both hide what they hold, and the other one is pulled out") {
    CHECK(seat.begin(module).find(kWarning) != std::string::npos);
    seat.strangers.unplug();
  }
  SECTION("where a touch is enough for the own key") {
    seat.agent.challenge->verify_user = false;
    CHECK(seat.begin(module).find(kWarning) != std::string::npos);
    seat.strangers.unplug();
  }
  module.reply(kPin);
  module.expect<Info>();
  module.expect<Wait>();
  CHECK(module.expect<Finish>().status == Status::kGranted);
  CHECK(seat.strangers_tries() == 8);
}

}  // namespace
}  // namespace sekisho::agent
