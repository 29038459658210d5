#include "agent/login_conversation.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "base/log.h"
#include "base/text.h"

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;
using conversation::Purpose;
using conversation::Status;
using terminal_api::Factor;
using terminal_api::Verdict;

constexpr std::chrono::seconds kLongestLogin{300};
constexpr int kTriesAtTyping = 2;
// Sent from afar in place of a text that is no code: a separator alone, which no code equals.
constexpr std::string_view kNoCode = "-";

bool has(const std::vector<Factor>& factors, Factor factor) {
  return std::find(factors.begin(), factors.end(), factor) != factors.end();
}

}  // namespace

asio::awaitable<Status> LoginConversation::run(conversation::Begin claimed) {
  is_remote_ = !claimed.rhost.empty();
  Step<BegunLogin> begun = co_await begin(std::move(claimed));
  if (!begun) co_return begun.error();
  Step<terminal_api::FinishRequest> request = co_await ask_person(begun->response);
  if (!request) co_return request.error();
  Result<terminal_api::FinishResponse> response =
      co_await gateways_.finish(begun->gateway, std::move(*request));
  if (!response) co_return co_await end_with(response.error());
  co_return co_await conclude(std::move(*response));
}

asio::awaitable<LoginConversation::Step<BegunLogin>> LoginConversation::begin(
    conversation::Begin claimed) {
  terminal_api::BeginRequest request{std::move(claimed.user), std::move(claimed.service),
                                     std::move(claimed.tty), std::move(claimed.rhost)};
  Result<BegunLogin> begun = co_await gateways_.begin(std::move(request));
  if (!begun) co_return std::unexpected(co_await end_with(begun.error()));
  co_return std::move(*begun);
}

asio::awaitable<LoginConversation::Step<terminal_api::FinishRequest>> LoginConversation::ask_person(
    terminal_api::BeginResponse begun) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::min(begun.expires_in, kLongestLogin);
  const bool takes_recovery = has(begun.factors, Factor::kRecovery);
  if (!takes_recovery && !has(begun.factors, Factor::kTotp)) {
    co_return std::unexpected(
        co_await end(Status::kUnavailable, text_of(Message::kNoFactorHere, language_)));
  }
  terminal_api::FinishRequest request;
  request.transaction = std::move(begun.transaction);
  if (has(begun.factors, Factor::kPassword)) {
    Step<Secret> password = co_await ask(Purpose::kPassword, Message::kPasswordPrompt, deadline);
    if (!password) co_return std::unexpected(password.error());
    // No stored password has bytes that are not UTF-8, nor none at all; the API carries only the
    // latter, which is wrong and counted as every wrong one.
    request.password = is_utf8(password->reveal_text()) ? std::move(*password) : Secret();
  }
  Step<TypedCode> typed = co_await ask_code(request, takes_recovery, deadline);
  if (!typed) co_return std::unexpected(typed.error());
  request.factor = typed->factor;
  request.code = std::move(typed->code);
  co_return std::move(request);
}

asio::awaitable<LoginConversation::Step<TypedCode>> LoginConversation::ask_code(
    const terminal_api::FinishRequest& so_far, bool takes_recovery, Channel::Deadline deadline) {
  const Message prompt = takes_recovery ? Message::kCodeOrRecoveryPrompt : Message::kCodePrompt;
  for (int i = 0; i < kTriesAtTyping; ++i) {
    const Step<Secret> typed = co_await ask(Purpose::kCode, prompt, deadline);
    if (!typed) co_return std::unexpected(typed.error());
    // A host that answers every hidden prompt with the password does so whatever its shape.
    const bool is_password =
        so_far.password && so_far.password->reveal_text() == typed->reveal_text();
    std::optional<TypedCode> code = is_password ? std::nullopt : read_typed_code(*typed);
    if (code && (takes_recovery || code->factor == Factor::kTotp)) co_return std::move(*code);
    // sshd replaces whatever an unknown user answers by junk.  Were that refused here, the
    // gateway would count what a known user does and not what a stranger does, and after a few
    // attempts the difference would tell who exists.
    if (is_remote_) co_return TypedCode{Factor::kTotp, Secret(kNoCode)};
    const Status told = co_await end(Status::kDenied, text_of(Message::kNotACode, language_));
    if (told != Status::kDenied) co_return std::unexpected(told);
  }
  co_return std::unexpected(Status::kDenied);
}

asio::awaitable<LoginConversation::Step<Secret>> LoginConversation::ask(
    Purpose purpose, Message prompt, Channel::Deadline deadline) {
  conversation::Prompt question{conversation::Echo::kOff, purpose, text_of(prompt, language_)};
  const Result<void> asked = co_await channel_.send(std::move(question));
  if (!asked) co_return std::unexpected(Status::kConversationError);
  Result<conversation::FromModule> answer = co_await channel_.receive(deadline);
  if (!answer && answer.error().code == ErrorCode::kBusy) {
    co_return std::unexpected(
        co_await end(Status::kConversationError, text_of(Message::kTooSlow, language_)));
  }
  if (!answer) co_return std::unexpected(Status::kConversationError);
  conversation::Reply* const reply = std::get_if<conversation::Reply>(&*answer);
  if (reply == nullptr) co_return std::unexpected(Status::kConversationError);
  co_return std::move(reply->text);
}

asio::awaitable<Status> LoginConversation::conclude(terminal_api::FinishResponse response) {
  switch (response.verdict) {
    case Verdict::kGranted: {
      conversation::Info notice{last_login(response, language_)};
      if (!notice.text.empty()) {
        const Result<void> told = co_await channel_.send(std::move(notice));
        if (!told) co_return Status::kConversationError;
      }
      co_return Status::kGranted;
    }
    case Verdict::kDenied:
      co_return co_await end(Status::kDenied, text_of(Message::kDenied, language_));
    case Verdict::kExpired:
      co_return co_await end(Status::kDenied, text_of(Message::kTooSlow, language_));
    case Verdict::kLocked: {
      const Instant now = clock_.now();
      std::string text = response.retry_after
                             ? locked_until(now + *response.retry_after, now, language_)
                             : text_of(Message::kLocked, language_);
      co_return co_await end(Status::kMaxTries, std::move(text));
    }
  }
  co_return Status::kUnavailable;
}

asio::awaitable<Status> LoginConversation::end(Status status, std::string text) {
  conversation::Problem problem{std::move(text)};
  const Result<void> told = co_await channel_.send(std::move(problem));
  co_return told ? status : Status::kConversationError;
}

asio::awaitable<Status> LoginConversation::end_with(Error error) {
  log::write(log::Level::kWarning, "login_undecided", JsonObject().add("reason", error.message));
  const bool is_refused = error.code == ErrorCode::kDenied;
  co_return co_await end(
      Status::kUnavailable,
      text_of(is_refused ? Message::kTerminalRefused : Message::kNoGateway, language_));
}

}  // namespace sekisho::agent
