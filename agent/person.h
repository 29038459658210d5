// The person at the other end of a conversation, spoken to in one language: asked, told, sent away.

#ifndef SEKISHO_AGENT_PERSON_H_
#define SEKISHO_AGENT_PERSON_H_

#include <boost/asio/awaitable.hpp>
#include <expected>
#include <string>

#include "agent/channel.h"
#include "agent/messages.h"
#include "base/secret.h"

namespace sekisho::agent {

// What a step of a login leads to, or the status that ends the conversation: the person has been
// told why.
template <typename T>
using Step = std::expected<T, conversation::Status>;

class Person {
 public:
  // The channel must outlive the person.
  Person(Channel& channel, conversation::Language language)
      : channel_(channel), language_(language) {}

  Channel& channel() { return channel_; }
  conversation::Language language() const { return language_; }

  // What was typed, not shown while it was.  Over `deadline` the person hears that it is too late.
  boost::asio::awaitable<Step<Secret>> ask(conversation::Purpose purpose, std::string prompt,
                                           Channel::Deadline deadline);
  // Shows a text; hosts may drop it.
  boost::asio::awaitable<Step<void>> tell(std::string text);
  // Has the module wait for the next message this long.
  boost::asio::awaitable<Step<void>> hold_on(std::chrono::seconds time);

  // Says why the conversation ends, and returns the status it ends with: `status`, unless nobody
  // listens any more.
  boost::asio::awaitable<conversation::Status> refuse(conversation::Status status,
                                                      std::string text);
  boost::asio::awaitable<conversation::Status> refuse(conversation::Status status, Message message);

 private:
  Channel& channel_;
  conversation::Language language_;
};

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_PERSON_H_
