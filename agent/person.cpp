#include "agent/person.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace sekisho::agent {

namespace asio = boost::asio;
using conversation::Status;

asio::awaitable<Step<Secret>> Person::ask(conversation::Purpose purpose, std::string prompt,
                                          Channel::Deadline deadline) {
  conversation::Prompt question{conversation::Echo::kOff, purpose, std::move(prompt)};
  const Result<void> asked = co_await channel_.send(std::move(question));
  if (!asked) co_return std::unexpected(Status::kConversationError);
  Result<conversation::FromModule> answer = co_await channel_.receive(deadline);
  if (!answer && answer.error().code == ErrorCode::kBusy) {
    co_return std::unexpected(co_await refuse(Status::kConversationError, Message::kTooSlow));
  }
  if (!answer) co_return std::unexpected(Status::kConversationError);
  conversation::Reply* const reply = std::get_if<conversation::Reply>(&*answer);
  if (reply == nullptr) co_return std::unexpected(Status::kConversationError);
  co_return std::move(reply->text);
}

asio::awaitable<Step<void>> Person::tell(std::string text) {
  conversation::Info notice{std::move(text)};
  const Result<void> told = co_await channel_.send(std::move(notice));
  if (!told) co_return std::unexpected(Status::kConversationError);
  co_return Step<void>();
}

asio::awaitable<Step<void>> Person::hold_on(std::chrono::seconds time) {
  conversation::Wait wait{std::clamp(time, std::chrono::seconds(1), conversation::kLongestWait)};
  const Result<void> told = co_await channel_.send(wait);
  if (!told) co_return std::unexpected(Status::kConversationError);
  co_return Step<void>();
}

asio::awaitable<Status> Person::refuse(Status status, std::string text) {
  conversation::Problem problem{std::move(text)};
  const Result<void> told = co_await channel_.send(std::move(problem));
  co_return told ? status : Status::kConversationError;
}

asio::awaitable<Status> Person::refuse(Status status, Message message) {
  std::string text = text_of(message, language_);
  co_return co_await refuse(status, std::move(text));
}

}  // namespace sekisho::agent
