// An agent whose gateway offers security keys, and the module of a person who logs in with one.
#ifndef SEKISHO_TESTS_AGENT_KEY_SEAT_H_
#define SEKISHO_TESTS_AGENT_KEY_SEAT_H_

#include <optional>
#include <string>

#include "tests/agent/seated_agent.h"
#include "tests/support/catch.h"

namespace sekisho::agent::testing {

// Its gateway offers keys beside codes.
struct KeyAgent : Agent {
  explicit KeyAgent(AgentSetting setting = {}) : Agent(std::move(setting)) {
    factors.push_back(terminal_api::Factor::kSecurityKey);
    challenge = {.rp_id = "portal.town.example",
                 .challenge = Bytes(terminal_api::kChallengeBytes, 9),
                 .credentials = {{1, 1}, {2, 2}}};
  }
  void demand_key() {
    factors = {terminal_api::Factor::kPassword, terminal_api::Factor::kSecurityKey};
  }
  // What the gateway was told at the end; nullopt when nothing was presented to it.
  std::optional<terminal_api::FinishRequest> presented() const {
    const auto questions = asked();
    if (questions.size() < 2) return std::nullopt;
    return terminal_api::decode_finish_request(questions[1].body).value();
  }
};

// The module of a person who begins.
struct Seat : Module {
  explicit Seat(const Agent& agent, const conversation::Begin& begin = taro())
      : Module(agent.path()) {
    send(begin);
  }
  std::string password(std::string_view text = "pass word") {
    const conversation::Prompt prompt = expect<conversation::Prompt>();
    CHECK(prompt.purpose == conversation::Purpose::kPassword);
    reply(text);
    return prompt.text;
  }
  std::string code(std::string_view text) {
    const conversation::Prompt prompt = expect<conversation::Prompt>();
    CHECK(prompt.purpose == conversation::Purpose::kCode);
    CHECK(prompt.echo == conversation::Echo::kOff);
    reply(text);
    return prompt.text;
  }
  std::string pin(std::string_view text) {
    const conversation::Prompt prompt = expect<conversation::Prompt>();
    CHECK(prompt.purpose == conversation::Purpose::kPin);
    CHECK(prompt.echo == conversation::Echo::kOff);
    reply(text);
    return prompt.text;
  }
  // The key is about to blink.  Returns how long the module is asked to wait.
  std::chrono::seconds touch() {
    CHECK(expect<conversation::Info>().text == "Touch your security key when it blinks.");
    return expect<conversation::Wait>().time;
  }
  conversation::Status ending() { return expect<conversation::Finish>().status; }
  // The problem told, with which the login ends as denied.
  std::string refusal() {
    const std::string text = expect<conversation::Problem>().text;
    CHECK(ending() == conversation::Status::kDenied);
    return text;
  }
};

}  // namespace sekisho::agent::testing

#endif  // SEKISHO_TESTS_AGENT_KEY_SEAT_H_
