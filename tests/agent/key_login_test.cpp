// Logins with a security key at a terminal: the agent's part, from both its borders.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "agent/key_threads.h"
#include "authn/factors/security_key.h"
#include "tests/agent/key_seat.h"
#include "tests/support/catch.h"

namespace sekisho::agent {
namespace {

using namespace std::chrono_literals;
using authn::Holding;
using authn::KeyFault;
using conversation::Begin;
using conversation::Finish;
using conversation::Info;
using conversation::Problem;
using conversation::Prompt;
using conversation::Status;
using conversation::Wait;
using terminal_api::Factor;
using terminal_api::Verdict;
using testing::Agent;
using testing::FakeKey;
using testing::key_with_pin;
using testing::KeyAgent;
using testing::plain_key;
using testing::Seat;
using testing::taro;

constexpr const char* kCodeOrKey =
    "One-time or recovery code (to use your security key plug it in, press Enter alone, and touch "
    "it): ";

TEST_CASE("an empty answer and a touch open the terminal", "[agent][key]") {
  KeyAgent agent;
  agent.keys.plug_in(plain_key());
  Seat seat(agent);
  CHECK(seat.password() == "Password (then touch your security key): ");
  CHECK(seat.code("") == kCodeOrKey);
  seat.touch();
  CHECK(seat.ending() == Status::kGranted);

  REQUIRE(agent.keys.asked().size() == 1);
  const auto asked = agent.keys.asked()[0];
  CHECK(asked.rp_id == "portal.town.example");
  CHECK(asked.credentials == agent.challenge->credentials);
  CHECK_FALSE(asked.verify_user);
  CHECK_FALSE(asked.pin);
  REQUIRE(agent.presented());
  const terminal_api::FinishRequest presented = *agent.presented();
  CHECK(presented.factor == Factor::kSecurityKey);
  CHECK(presented.password->reveal_text() == "pass word");
  REQUIRE(presented.key);
  CHECK(presented.key->credential_id == Bytes{1, 1});
  CHECK(presented.key->authenticator_data == Bytes{1, 2, 3});
  CHECK(presented.key->signature == Bytes{4, 5, 6});
  CHECK(presented.key->user_handle == Bytes{7});
  // What was signed names this terminal, as its certificate does.
  CHECK(as_text(presented.key->client_data) ==
        terminal_api::client_data_for(agent.challenge->challenge, "t1"));
  CHECK(asked.client_data_hash == sha256(ByteView(presented.key->client_data)));
}

TEST_CASE("a code opens the terminal as before, with a key plugged in", "[agent][key]") {
  KeyAgent agent;
  agent.keys.plug_in(plain_key());
  Seat seat(agent);
  seat.password();
  seat.code("123456");
  CHECK(seat.ending() == Status::kGranted);
  CHECK(agent.presented()->factor == Factor::kTotp);
  CHECK(agent.presented()->code.reveal_text() == "123456");
  CHECK(agent.keys.asked().empty());
}

TEST_CASE("the password prompt speaks of a touch only where one will do", "[agent][key]") {
  const auto prompt = [](const std::vector<FakeKey>& keys, bool verify_user) {
    KeyAgent agent;
    agent.challenge->verify_user = verify_user;
    for (const FakeKey& key : keys) agent.keys.plug_in(key);
    return Seat(agent).password();
  };
  const std::string touch = "Password (then touch your security key): ";
  const std::string plain = "Password: ";
  FakeKey strangers = plain_key();
  strangers.holds = Holding::kNone;
  FakeKey strict = key_with_pin(8);
  strict.status.always_verifies = true;
  FakeKey fingerprint = key_with_pin(8);
  fingerprint.status.can_verify_by_itself = true;
  CHECK(prompt({}, false) == plain);
  CHECK(prompt({strangers}, false) == plain);
  CHECK(prompt({key_with_pin(8)}, false) == touch);
  CHECK(prompt({key_with_pin(8)}, true) == plain);
  CHECK(prompt({strict}, false) == plain);
  CHECK(prompt({fingerprint}, true) == touch);
  // A key that shows no credential may be anybody's.
  FakeKey hiding = key_with_pin(8);
  hiding.holds = Holding::kMayHide;
  fingerprint.holds = Holding::kMayHide;
  CHECK(prompt({hiding}, false) == plain);
  CHECK(prompt({fingerprint}, false) == plain);
  CHECK(prompt({hiding, plain_key("/dev/key1")}, false) == touch);
}

TEST_CASE("where a key is demanded the touch follows the password", "[agent][key]") {
  KeyAgent agent;
  agent.demand_key();
  agent.keys.plug_in(plain_key());
  Seat seat(agent);
  CHECK(seat.password() == "Password (then touch your security key): ");
  seat.touch();
  CHECK(seat.ending() == Status::kGranted);
  CHECK(agent.presented()->factor == Factor::kSecurityKey);
}

TEST_CASE("where a key is demanded and none is there it is asked for", "[agent][key]") {
  KeyAgent agent;
  agent.demand_key();
  Seat seat(agent);
  seat.password();
  const Prompt prompt = seat.expect<Prompt>();
  CHECK(prompt.text == "Plug in your security key and press Enter (touch it when it blinks): ");
  agent.keys.plug_in(plain_key());
  seat.reply("");
  CHECK(seat.expect<Wait>().time >= 20s);
  seat.touch();
  CHECK(seat.ending() == Status::kGranted);
}

TEST_CASE("where only the key is asked for a prompt says so first", "[agent][key]") {
  // A host that drops texts would show nothing at all while the key blinks.
  KeyAgent agent;
  agent.factors = {Factor::kSecurityKey};
  agent.keys.plug_in(plain_key());
  Seat seat(agent, taro("ja_JP.UTF-8"));
  CHECK(seat.code("") == "セキュリティキーを差し込んで Enter (光ったら触れてください): ");
  seat.expect<Wait>();
  CHECK(seat.expect<Info>().text == "鍵が光ったら触れてください。");
  seat.expect<Wait>();
  CHECK(seat.ending() == Status::kGranted);
  CHECK_FALSE(agent.presented()->password);
}

TEST_CASE("a key plugged in after it was chosen is waited for", "[agent][key]") {
  KeyAgent agent;
  Seat seat(agent);
  CHECK(seat.password() == "Password: ");
  seat.code("");
  CHECK(seat.expect<Info>().text == "Plug in your security key.");
  CHECK(seat.expect<Wait>().time >= 20s);
  agent.keys.plug_in(plain_key());
  seat.touch();
  CHECK(seat.ending() == Status::kGranted);
}

TEST_CASE("a key that is not plugged in in time ends the login, unspent", "[agent][key]") {
  for (const auto plug_in : {0ms, 350ms}) {
    KeyAgent agent({.key_times = {.plug_in = plug_in}});
    Seat seat(agent);
    seat.password();
    seat.code("");
    if (plug_in != 0ms) {
      seat.expect<Info>();
      seat.expect<Wait>();
    }
    CHECK(seat.refusal() == "No security key was found. Plug it in and log in again.");
    CHECK_FALSE(agent.presented());
  }
}

TEST_CASE("a host that gives the password to every question may use a key", "[agent][key]") {
  KeyAgent agent;
  agent.keys.plug_in(plain_key());
  Seat seat(agent);
  CHECK(seat.password("correct horse") == "Password (then touch your security key): ");
  seat.code("correct horse");
  seat.touch();
  CHECK(seat.ending() == Status::kGranted);
  CHECK(agent.presented()->factor == Factor::kSecurityKey);
}

TEST_CASE("what is longer than any honest key's answer is not presented", "[agent][key]") {
  const authn::KeyAssertion honest{Bytes(1023, 1), Bytes(2048, 2), Bytes(256, 3), Bytes(64, 4)};
  const auto ending_with = [](const authn::KeyAssertion& assertion) {
    KeyAgent agent;
    agent.keys.plug_in(plain_key());
    agent.keys.will_answer(assertion);
    Seat seat(agent);
    seat.password();
    seat.code("");
    seat.touch();
    const conversation::FromAgent message = seat.receive();
    if (const auto* finish = std::get_if<Finish>(&message)) {
      CHECK(finish->status == Status::kGranted);
      return std::string("granted");
    }
    CHECK(seat.ending() == Status::kDenied);
    CHECK_FALSE(agent.presented());
    const std::string text = std::get<Problem>(message).text;
    return text.substr(0, text.find('.'));
  };
  CHECK(ending_with(honest) == "granted");
  for (Bytes authn::KeyAssertion::*member :
       {&authn::KeyAssertion::credential_id, &authn::KeyAssertion::authenticator_data,
        &authn::KeyAssertion::signature, &authn::KeyAssertion::user_handle}) {
    authn::KeyAssertion longer = honest;
    (longer.*member).push_back(9);
    CHECK(ending_with(longer) == "The key does not answer");
  }
}

TEST_CASE("each trouble with a key has its own words and spends no attempt", "[agent][key]") {
  std::vector<std::string> told;
  for (const KeyFault fault :
       {KeyFault::kNoKey, KeyFault::kUnplugged, KeyFault::kNoCredential, KeyFault::kPinNotSet,
        KeyFault::kPinUnusable, KeyFault::kPinAuthBlocked, KeyFault::kPinBlocked,
        KeyFault::kPinChangeForced, KeyFault::kNotTouched, KeyFault::kUnsupported,
        KeyFault::kBroken}) {
    KeyAgent agent;
    agent.keys.plug_in(plain_key());
    agent.keys.will(fault);
    Seat seat(agent);
    seat.password();
    seat.code("");
    seat.touch();
    told.push_back(seat.refusal());
    CHECK_FALSE(agent.presented());
  }
  std::sort(told.begin(), told.end());
  CHECK(std::adjacent_find(told.begin(), told.end()) == told.end());
}

TEST_CASE("of several keys the first that is the person's is used", "[agent][key]") {
  KeyAgent agent;
  FakeKey strangers = plain_key("/dev/key0");
  strangers.holds = Holding::kNone;
  FakeKey silent = plain_key("/dev/key1");
  silent.holds = std::unexpected(KeyFault::kBroken);
  FakeKey hiding = key_with_pin(8, "/dev/hiding");
  hiding.holds = Holding::kMayHide;
  for (const FakeKey& key :
       {strangers, silent, hiding, plain_key("/dev/key2"), plain_key("/dev/key3")}) {
    agent.keys.plug_in(key);
  }
  Seat seat(agent);
  seat.password();
  seat.code("");
  seat.touch();
  CHECK(seat.ending() == Status::kGranted);
  CHECK(agent.keys.asked().at(0).path == "/dev/key2");
}

TEST_CASE("a host that gives the password to every question sends it to no hiding key",
          "[agent][key]") {
  KeyAgent agent;
  FakeKey hiding = key_with_pin(8);
  hiding.holds = Holding::kMayHide;
  hiding.status.can_verify_by_itself = GENERATE(false, true);
  agent.keys.plug_in(hiding);
  Seat seat(agent);
  CHECK(seat.password("correct horse") == "Password: ");
  for (int i = 0; i < 2; ++i) {
    seat.code("correct horse");
    CHECK(seat.expect<Problem>().text == "A one-time code is 6 or 8 digits.");
  }
  CHECK(seat.ending() == Status::kDenied);
  CHECK(agent.keys.asked().empty());
  CHECK_FALSE(agent.presented());
}

TEST_CASE("another person's key is told and not made to blink", "[agent][key]") {
  KeyAgent agent;
  FakeKey strangers = plain_key();
  strangers.holds = Holding::kNone;
  agent.keys.plug_in(strangers);
  Seat seat(agent);
  seat.password();
  seat.code("");
  CHECK(seat.refusal() == "This key is not registered as yours. Log in again with your own.");
  CHECK(agent.keys.asked().empty());
  CHECK_FALSE(agent.presented());
}

TEST_CASE("whoever comes from afar is offered no key", "[agent][key]") {
  KeyAgent agent;
  agent.keys.plug_in(plain_key());
  Begin begin = taro();
  begin.rhost = "192.0.2.7";
  {
    Seat seat(agent, begin);
    CHECK(seat.password() == "Password: ");
    CHECK(seat.code("123456") == "One-time code (or recovery code): ");
    CHECK(seat.ending() == Status::kGranted);
  }
  agent.demand_key();
  Seat seat(agent, begin);
  CHECK(seat.expect<Problem>().text.find("only at the terminal itself") != std::string::npos);
  CHECK(seat.ending() == Status::kUnavailable);
  CHECK(agent.keys.looks() == 0);
}

// This process, in a session that one test writes about.
struct OwnSession {
  OwnSession() {
    REQUIRE(::mkdir(own().c_str(), 0755) == 0);
    REQUIRE(::mkdir(sessions().c_str(), 0755) == 0);
    REQUIRE(write_file_durably(own() + "/cgroup", "0::/user.slice/user-0.slice/session-7.scope\n",
                               0644));
  }
  void put(std::string_view session) {
    REQUIRE(write_file_durably(sessions() + "/7", session, 0644));
  }
  std::string own() const { return folder.file(std::to_string(::getpid())); }
  std::string sessions() const { return folder.file("sessions"); }
  LoginSessions all() const { return LoginSessions(folder.path(), sessions()); }

  sekisho::testing::TemporaryFolder folder;
};

TEST_CASE("an ssh session's sudo is offered no key, though it names no host", "[agent][key]") {
  OwnSession session;
  const auto offers_key = [&](std::string_view text) {
    session.put(text);
    KeyAgent agent({.sessions = session.all()});
    Seat seat(agent);
    seat.password();
    return seat.code("123456") == kCodeOrKey;
  };
  CHECK(offers_key("UID=0\nREMOTE=0\nACTIVE=1\nSEAT=seat0\n"));
  CHECK_FALSE(offers_key("UID=0\nREMOTE=1\nACTIVE=1\nREMOTE_HOST=192.0.2.7\n"));
}

TEST_CASE("a session that is joined from afar while its key is asked for has it no longer",
          "[agent][key]") {
  OwnSession session;
  session.put("UID=0\nREMOTE=0\nACTIVE=1\nSEAT=seat0\n");
  KeyAgent agent({.sessions = session.all()});
  agent.keys.plug_in(plain_key());
  Seat seat(agent);
  seat.password();
  REQUIRE(write_file_durably(session.sessions() + "/8", "UID=0\nREMOTE=1\nACTIVE=1\n", 0644));
  CHECK(seat.code("") == kCodeOrKey);
  seat.refusal();
  CHECK(agent.keys.asked().empty());
  CHECK_FALSE(agent.presented());
}

TEST_CASE("a gateway that offers no key sees none used", "[agent][key]") {
  Agent agent;
  agent.keys.plug_in(plain_key());
  Seat seat(agent);
  CHECK(seat.password() == "Password: ");
  seat.code("123456");
  CHECK(seat.ending() == Status::kGranted);
  CHECK(agent.keys.looks() == 0);
}

TEST_CASE("whoever gives up while the key blinks makes it stop", "[agent][key]") {
  KeyAgent agent;
  agent.keys.plug_in(plain_key());
  agent.keys.block();
  Seat seat(agent);
  seat.password();
  seat.code("");
  seat.touch();
  agent.keys.wait_until_asked(1);
  seat.hang_up();
  agent.keys.wait_until_cancelled(1);
  CHECK_FALSE(agent.presented());
  // Nobody else is kept from logging in.
  Seat next(agent);
  next.password();
  next.code("123456");
  CHECK(next.ending() == Status::kGranted);
}

TEST_CASE("whoever gives up while a key is waited for ends the login", "[agent][key]") {
  KeyAgent agent;
  Seat seat(agent);
  seat.password();
  seat.code("");
  seat.expect<Info>();
  seat.expect<Wait>();
  seat.hang_up();
  // The agent stops only once its conversations have ended, long before the 20 s are over.
  const auto start = std::chrono::steady_clock::now();
  agent.stop();
  CHECK(std::chrono::steady_clock::now() - start < 10s);
}

TEST_CASE("a key that nobody touches is let go at the login's end", "[agent][key]") {
  KeyAgent agent({.key_times = {.touch = 30s}});
  agent.expires_in = 5s;
  agent.keys.plug_in(plain_key());
  agent.keys.will(KeyFault::kNotTouched);
  Seat seat(agent);
  seat.password();
  seat.code("");
  const std::chrono::seconds patience = seat.touch();
  CHECK(seat.refusal() == "The key was not touched in time. Log in again.");
  CHECK(agent.keys.asked().at(0).timeout <= 5s);
  // The gateway's answer to a touch in the last moment comes in that time, too.
  CHECK(patience > 15s);
  CHECK(patience <= 5s + 20s);
}

TEST_CASE("a key that keeps silent for ever is given up", "[agent][key]") {
  KeyAgent agent;
  agent.expires_in = 2s;
  agent.keys.plug_in(plain_key());
  agent.keys.block();
  Seat seat(agent);
  seat.password();
  seat.code("");
  seat.touch();
  CHECK(seat.refusal().find("The key does not answer.") == 0);
  agent.keys.wait_until_cancelled(1);
}

TEST_CASE("two logins at one terminal do not wait for each other", "[agent][key]") {
  KeyAgent agent;
  agent.keys.plug_in(plain_key());
  agent.keys.block();
  Seat first(agent);
  first.password();
  first.code("");
  first.touch();
  agent.keys.wait_until_asked(1);
  Seat second(agent);
  second.password();
  second.code("");
  second.touch();
  agent.keys.wait_until_asked(2);
  second.hang_up();
  first.hang_up();
  agent.keys.wait_until_cancelled(2);
}

TEST_CASE("as many calls to keys are under way as there may be, and one more is told at once",
          "[agent][key]") {
  KeyAgent agent;
  agent.keys.plug_in(plain_key());
  agent.keys.block();
  std::vector<std::unique_ptr<Seat>> seats;
  for (std::size_t i = 0; i < KeyTurns::kMostOfRoot; ++i) {
    seats.push_back(std::make_unique<Seat>(agent));
    seats.back()->password();
    seats.back()->code("");
    seats.back()->touch();
    agent.keys.wait_until_asked(i + 1);
  }
  Seat late(agent);
  CHECK(late.password() == "Password: ");  // not even a look
  late.code("");
  CHECK(late.refusal().find("The key does not answer.") == 0);
  CHECK(agent.keys.asked().size() == KeyTurns::kMostOfRoot);
  // Codes work as ever.
  Seat by_code(agent);
  by_code.password();
  by_code.code("123456");
  CHECK(by_code.ending() == Status::kGranted);
}

TEST_CASE("a call to a key that throws ends its login and no other", "[agent][key]") {
  KeyAgent agent;
  agent.keys.plug_in(plain_key());
  agent.keys.set_throwing(true);
  {
    Seat seat(agent);
    seat.password();
    seat.code("");
    CHECK(seat.refusal().find("The key does not answer.") == 0);
  }
  agent.keys.set_throwing(false);
  Seat seat(agent);
  seat.password();
  seat.code("");
  seat.touch();
  CHECK(seat.ending() == Status::kGranted);
}

TEST_CASE("an agent that is stopped while a key blinks makes it stop", "[agent][key]") {
  FakeKey key = plain_key();
  {
    KeyAgent agent;
    agent.keys.plug_in(key);
    agent.keys.block();
    Seat seat(agent);
    seat.password();
    seat.code("");
    seat.touch();
    agent.keys.wait_until_asked(1);
    agent.stop_at_once();
  }
  SUCCEED("it came to an end");
}

TEST_CASE("an assertion that the gateway refuses is one of its refusals", "[agent][key]") {
  KeyAgent agent;
  agent.verdict = {.verdict = Verdict::kDenied};
  agent.keys.plug_in(plain_key());
  Seat seat(agent);
  seat.password();
  seat.code("");
  seat.touch();
  CHECK(seat.refusal() == "Authentication failed.");
  CHECK(agent.presented());
}

TEST_CASE("why the gateway did not take a key is told", "[agent][key]") {
  using terminal_api::KeyRefusal;
  const auto told = [](KeyRefusal refusal) {
    KeyAgent agent;
    agent.verdict = {.verdict = Verdict::kDenied};
    agent.verdict.key_refusal = refusal;
    agent.keys.plug_in(plain_key());
    Seat seat(agent);
    seat.password();
    seat.code("");
    seat.touch();
    return seat.refusal();
  };
  CHECK(told(KeyRefusal::kUnknown) ==
        "This key is not registered as yours. Log in again with your own.");
  CHECK(told(KeyRefusal::kNotVerified) ==
        "This login needs a key that checks your PIN or fingerprint. Please tell your "
        "administrator.");
  CHECK(told(KeyRefusal::kModel) ==
        "Keys of this model are not accepted. Please tell your administrator.");
  CHECK(told(KeyRefusal::kSuspected) ==
        "This key may have been copied and is not accepted. Tell your administrator at once.");
  CHECK(told(KeyRefusal::kOther) ==
        "This key was not accepted. If it happens again, please tell your administrator.");
}

}  // namespace
}  // namespace sekisho::agent
