// The PIN of a security key at a terminal: when it is asked for, and that it reaches the right key
// only, once.
#include "agent/messages.h"
#include "authn/factors/security_key.h"
#include "tests/agent/key_seat.h"
#include "tests/support/catch.h"

namespace sekisho::agent {
namespace {

using namespace std::chrono_literals;
using authn::Holding;
using authn::KeyFault;
using conversation::Info;
using conversation::Problem;
using conversation::Prompt;
using conversation::Status;
using conversation::Wait;
using testing::FakeKey;
using testing::key_with_pin;
using testing::KeyAgent;
using testing::plain_key;
using testing::Seat;
using testing::taro;

TEST_CASE("the password is never sent to a key as its PIN", "[agent][key]") {
  KeyAgent agent;
  agent.challenge->verify_user = true;
  agent.keys.plug_in(key_with_pin(8));
  SECTION("with codes it is no code, and the key is not asked") {
    Seat seat(agent);
    seat.password("1234");
    for (int i = 0; i < 2; ++i) {
      seat.code("1234");
      CHECK(seat.expect<Problem>().text == "A one-time code is 6 or 8 digits.");
    }
    CHECK(seat.ending() == Status::kDenied);
  }
  SECTION("where a key is demanded it is refused at the PIN") {
    agent.demand_key();
    Seat seat(agent);
    seat.password("1234");
    seat.pin("1234");
    CHECK(seat.refusal() ==
          "That was your password, not the PIN. It was not sent to the key; log in again.");
  }
  SECTION("and so it is when the key wants its PIN only when it is used") {
    agent.demand_key();
    agent.challenge->verify_user = false;
    agent.keys.will(KeyFault::kPinRequired);
    Seat seat(agent);
    seat.password("1234");
    seat.touch();
    seat.pin("1234");
    CHECK(seat.refusal().find("your password") != std::string::npos);
  }
  for (const auto& asked : agent.keys.asked()) CHECK_FALSE(asked.pin);
  CHECK_FALSE(agent.presented());
}

TEST_CASE("a PIN is asked for where key or policy want one, and tells the tries", "[agent][key]") {
  FakeKey strict = key_with_pin(1);
  strict.status.always_verifies = true;
  struct Case {
    FakeKey key;
    bool verify_user;
    std::string prompt;
  };
  for (const Case& one :
       {Case{key_with_pin(8), true, "Security key PIN (8 tries left; then touch your key): "},
        Case{strict, false, "Security key PIN (1 try left; then touch your key): "}}) {
    KeyAgent agent;
    agent.challenge->verify_user = one.verify_user;
    agent.keys.plug_in(one.key);
    Seat seat(agent);
    seat.password();
    seat.code("");
    CHECK(seat.pin("ひみつの番号") == one.prompt);
    seat.touch();
    CHECK(seat.ending() == Status::kGranted);
    CHECK(agent.keys.asked().at(0).pin == "ひみつの番号");
    CHECK(agent.keys.asked().at(0).verify_user == one.verify_user);
  }
}

TEST_CASE("neither a touch alone nor a fingerprint asks for a PIN", "[agent][key]") {
  FakeKey fingerprint = key_with_pin(8);
  fingerprint.status.can_verify_by_itself = true;
  for (const auto& [key, verify_user] :
       {std::pair(key_with_pin(8), false), std::pair(fingerprint, true)}) {
    KeyAgent agent;
    agent.challenge->verify_user = verify_user;
    agent.keys.plug_in(key);
    Seat seat(agent);
    seat.password();
    seat.code("");
    seat.touch();
    CHECK(seat.ending() == Status::kGranted);
    CHECK_FALSE(agent.keys.asked().at(0).pin);
  }
}

TEST_CASE("a key that wants its PIN only when it is used is given it once", "[agent][key]") {
  KeyAgent agent;
  agent.keys.plug_in(key_with_pin(8));
  agent.keys.will(KeyFault::kPinRequired);
  {
    Seat seat(agent);
    seat.password();
    seat.code("");
    seat.touch();
    seat.pin("1234");
    seat.touch();
    CHECK(seat.ending() == Status::kGranted);
    REQUIRE(agent.keys.asked().size() == 2);
    CHECK(agent.keys.asked()[1].pin == "1234");
  }
  // One that is never content is no reason to ask for ever.
  agent.keys.will(KeyFault::kPinRequired);
  agent.keys.will(KeyFault::kPinRequired);
  Seat seat(agent);
  seat.password();
  seat.code("");
  seat.touch();
  seat.pin("1234");
  seat.touch();
  seat.refusal();
}

TEST_CASE("a wrong PIN is told with the tries that are left, and never tried again",
          "[agent][key]") {
  const auto refusal = [](int left, const std::string& locale) {
    KeyAgent agent;
    agent.challenge->verify_user = true;
    agent.keys.plug_in(key_with_pin(8));
    agent.keys.will(KeyFault::kPinWrong);
    Seat seat(agent, taro(locale));
    seat.password();
    seat.code("");
    const Prompt prompt = seat.expect<Prompt>();
    if (locale == "ja_JP.UTF-8") {
      CHECK(prompt.text == "セキュリティキーの PIN (残り 8 回、入力後に鍵に触れてください): ");
    }
    agent.keys.set_tries(left);
    seat.reply("4321");
    seat.expect<Info>();
    seat.expect<Wait>();
    const std::string text = seat.refusal();
    CHECK(agent.keys.asked().size() == 1);
    CHECK_FALSE(agent.presented());
    return text;
  };
  CHECK(refusal(7, "C") == "Wrong PIN. 7 tries left. Log in again.");
  CHECK(refusal(1, "C") == "Wrong PIN. 1 try left. Log in again.");
  CHECK(refusal(0, "C") ==
        "This key is blocked after too many wrong PINs. Please tell your administrator.");
  CHECK(refusal(7, "ja_JP.UTF-8") ==
        "PIN が違います。残り 7 回です。もう一度ログインしてください。");
}

TEST_CASE("an empty PIN, or one that is no text, does not reach the key", "[agent][key]") {
  for (const std::string typed : {"", "\xff\xfe\xfd\xfc"}) {
    KeyAgent agent;
    agent.challenge->verify_user = true;
    agent.keys.plug_in(key_with_pin(8));
    Seat seat(agent);
    seat.password();
    seat.code("");
    seat.pin(typed);
    CHECK(seat.refusal().find("Nothing was sent to the key") != std::string::npos);
    CHECK(agent.keys.asked().empty());
    CHECK_FALSE(agent.presented());
  }
}

TEST_CASE("a PIN shorter than the key wants it, or longer than any, does not reach the key",
          "[agent][key]") {
  const auto refusal = [](const std::string& typed) {
    KeyAgent agent;
    agent.challenge->verify_user = true;
    FakeKey key = key_with_pin(8);
    key.status.least_pin = 6;
    agent.keys.plug_in(key);
    Seat seat(agent);
    seat.password();
    seat.code("");
    seat.pin(typed);
    const std::string text = seat.refusal();
    CHECK(agent.keys.asked().empty());
    CHECK_FALSE(agent.presented());
    return text;
  };
  CHECK(refusal("12345") == short_pin(6, conversation::Language::kEnglish));
  CHECK(refusal("ひみつの番") == short_pin(6, conversation::Language::kEnglish));
  CHECK(refusal(std::string(64, '1')).find("at most 63 bytes") != std::string::npos);

  KeyAgent agent;
  agent.challenge->verify_user = true;
  FakeKey key = key_with_pin(8);
  key.status.least_pin = 6;
  agent.keys.plug_in(key);
  Seat seat(agent);
  seat.password();
  seat.code("");
  seat.pin("123456");
  seat.touch();
  CHECK(seat.ending() == Status::kGranted);
}

TEST_CASE("a PIN is not sent to another key that took the place of the one it was asked for",
          "[agent][key]") {
  KeyAgent agent;
  agent.challenge->verify_user = true;
  FakeKey asked_for = key_with_pin(8);
  FakeKey strangers = key_with_pin(8);
  strangers.holds = Holding::kMayHide;
  SECTION("which shows no credential") {}
  SECTION("which was another's, too") {
    asked_for.holds = Holding::kMayHide;
    strangers.status.product = "Another";
  }
  agent.keys.plug_in(asked_for);
  Seat seat(agent);
  seat.password();
  seat.code("");
  seat.expect<Prompt>();
  agent.keys.unplug_all();
  agent.keys.plug_in(strangers);
  seat.reply("1234");
  CHECK(seat.refusal().find("The security key was pulled out.") == 0);
  CHECK(agent.keys.asked().empty());
}

TEST_CASE("whose key wants a PIN is told to type it after the question for a code",
          "[agent][key]") {
  KeyAgent agent;
  agent.challenge->verify_user = true;
  agent.keys.plug_in(key_with_pin(8));
  Seat seat(agent);
  CHECK(seat.password() == "Password: ");
  CHECK(seat.code("") ==
        "One-time or recovery code (to use your security key press Enter alone; its PIN is asked "
        "next): ");
}

TEST_CASE("a PIN that could only fail is not asked for", "[agent][key]") {
  FakeKey blocked = key_with_pin(0);
  FakeKey aged = key_with_pin(8);
  aged.status.needs_new_pin = true;
  for (const auto& [key, text] :
       {std::pair(plain_key(), "This key has no PIN."), std::pair(blocked, "This key is blocked"),
        std::pair(aged, "before its PIN is changed")}) {
    KeyAgent agent;
    agent.challenge->verify_user = true;
    agent.keys.plug_in(key);
    Seat seat(agent);
    seat.password();
    seat.code("");
    CHECK(seat.refusal().find(text) != std::string::npos);
    CHECK_FALSE(agent.presented());
  }
}

}  // namespace
}  // namespace sekisho::agent
