// One login at this terminal: asks the gateway what to ask the person, asks, and lets the gateway
// decide.  Start here.
//
//   begin   to a gateway: who claims to be whom, through which service
//   prompts to the person: the password if the gateway wants it, then one code
//   finish  to the same gateway, which says granted, denied, locked or expired
//
// A text that has not the shape of a code is never sent, because it may be the password.  Whom it
// comes from at the terminal itself types again; from afar the gateway decides without it, so that
// the attempt is counted and answered as every other.  Whatever fails refuses.

#ifndef SEKISHO_AGENT_LOGIN_CONVERSATION_H_
#define SEKISHO_AGENT_LOGIN_CONVERSATION_H_

#include <boost/asio/awaitable.hpp>
#include <expected>

#include "agent/channel.h"
#include "agent/gateway_client.h"
#include "agent/messages.h"
#include "agent/typed_code.h"
#include "base/clock.h"

namespace sekisho::agent {

class LoginConversation {
 public:
  // The references must outlive the conversation.
  LoginConversation(Channel& channel, GatewayClient& gateways, const Clock& clock,
                    conversation::Language language)
      : channel_(channel), gateways_(gateways), clock_(clock), language_(language) {}

  // Runs to the end and returns how it ended.  The person has been told why; Finish is the
  // caller's to send.
  boost::asio::awaitable<conversation::Status> run(conversation::Begin begin);

 private:
  // A step's result, or the status that ends the conversation.
  template <typename T>
  using Step = std::expected<T, conversation::Status>;

  boost::asio::awaitable<Step<BegunLogin>> begin(conversation::Begin begin);
  boost::asio::awaitable<Step<terminal_api::FinishRequest>> ask_person(
      terminal_api::BeginResponse begun);
  boost::asio::awaitable<Step<TypedCode>> ask_code(const terminal_api::FinishRequest& so_far,
                                                   bool takes_recovery, Channel::Deadline deadline);
  boost::asio::awaitable<Step<Secret>> ask(conversation::Purpose purpose, Message prompt,
                                           Channel::Deadline deadline);
  boost::asio::awaitable<conversation::Status> conclude(terminal_api::FinishResponse response);
  // Shows a problem and hands back the status it ends with.
  boost::asio::awaitable<conversation::Status> end(conversation::Status status, std::string text);
  boost::asio::awaitable<conversation::Status> end_with(Error error);

  Channel& channel_;
  GatewayClient& gateways_;
  const Clock& clock_;
  conversation::Language language_;
  bool is_remote_ = true;  // the person sits elsewhere
};

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_LOGIN_CONVERSATION_H_
