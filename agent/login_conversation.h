// One login at this terminal: asks the gateway what to ask the person, asks, and lets the gateway
// decide.  Start here.
//
//   begin   to a gateway: who claims to be whom, through which service
//   prompts to the person: the password if the gateway wants it, then one code, or a security key
//           (agent/key_ceremony.h), which an empty answer chooses
//   finish  to the same gateway, which says granted, denied, locked or expired
//
// The prompts themselves say what to do: some hosts show nothing else, and some ask once and give
// that answer to every question.
//
// A text that has not the shape of a code is never sent, because it may be the password.  Whom it
// comes from at the terminal itself types again; from afar the gateway decides without it, so that
// the attempt is counted and answered as every other.  Whatever fails refuses.

#ifndef SEKISHO_AGENT_LOGIN_CONVERSATION_H_
#define SEKISHO_AGENT_LOGIN_CONVERSATION_H_

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "agent/channel.h"
#include "agent/gateway_client.h"
#include "agent/key_ceremony.h"
#include "agent/person.h"
#include "agent/typed_code.h"
#include "base/clock.h"

namespace sekisho::agent {

class LoginConversation {
 public:
  // What logins are held with.
  struct Tools {
    GatewayClient& gateways;
    KeyDesk& keys;
    const KeyTimes& key_times;
    const Clock& clock;
  };
  // Security keys, to this person: offered if and only if he sits here (login_sessions.h).
  enum class Keys { kOffered, kNotHere };

  // The references must outlive the conversation.
  LoginConversation(Channel& channel, conversation::Language language, const Tools& tools,
                    Keys keys)
      : person_(channel, language), tools_(tools), keys_(keys) {}

  // Runs to the end and returns how it ended.  The person has been told why; Finish is the
  // caller's to send.
  boost::asio::awaitable<conversation::Status> run(conversation::Begin begin);

 private:
  boost::asio::awaitable<Step<BegunLogin>> begin(conversation::Begin begin);
  boost::asio::awaitable<Step<terminal_api::FinishRequest>> ask_person(
      terminal_api::BeginResponse begun);
  boost::asio::awaitable<Step<Secret>> ask_password(KeyCeremony* key, Channel::Deadline deadline);
  // nullopt: none, the key is to be used instead.
  boost::asio::awaitable<Step<std::optional<TypedCode>>> ask_code(
      const std::optional<Secret>& password, KeyCeremony* key, Channel::Deadline deadline);
  Message code_prompt(const KeyCeremony* key) const;
  boost::asio::awaitable<conversation::Status> conclude(terminal_api::FinishResponse response);
  boost::asio::awaitable<conversation::Status> end_with(Error error);

  Person person_;
  Tools tools_;
  Keys keys_;
  bool takes_recovery_ = false;
  bool is_remote_ = true;  // the application says so
  KeyCeremony::Told told_ = KeyCeremony::Told::kNothing;
  KeyCeremony::Want want_ = KeyCeremony::Want::kUnknown;  // as the password was asked for
};

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_LOGIN_CONVERSATION_H_
