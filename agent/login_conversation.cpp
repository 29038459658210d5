#include "agent/login_conversation.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;
using conversation::Purpose;
using conversation::Status;
using terminal_api::Factor;
using terminal_api::KeyRefusal;
using terminal_api::Verdict;

constexpr std::chrono::seconds kLongestLogin{300};
constexpr int kTriesAtTyping = 2;
// Sent from afar in place of a text that is no code: a separator alone, which no code equals.
constexpr std::string_view kNoCode = "-";

Message message_of(std::optional<KeyRefusal> refusal) {
  if (!refusal) return Message::kDenied;
  switch (*refusal) {
    case KeyRefusal::kUnknown:
      return Message::kNotYourKey;
    case KeyRefusal::kNotVerified:
      return Message::kKeyNotVerified;
    case KeyRefusal::kModel:
      return Message::kKeyModelRefused;
    case KeyRefusal::kSuspected:
      return Message::kKeySuspected;
    case KeyRefusal::kNeeded:
      return Message::kKeyNeeded;
    case KeyRefusal::kOther:
      break;
  }
  return Message::kKeyRefused;
}

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
      co_await tools_.gateways.finish(begun->gateway, std::move(*request));
  if (!response) co_return co_await end_with(response.error());
  co_return co_await conclude(std::move(*response));
}

asio::awaitable<Step<BegunLogin>> LoginConversation::begin(conversation::Begin claimed) {
  terminal_api::BeginRequest request{std::move(claimed.user), std::move(claimed.service),
                                     std::move(claimed.tty), std::move(claimed.rhost),
                                     keys_ == Keys::kOffered};
  Result<BegunLogin> begun = co_await tools_.gateways.begin(std::move(request));
  if (!begun) co_return std::unexpected(co_await end_with(begun.error()));
  co_return std::move(*begun);
}

asio::awaitable<Step<terminal_api::FinishRequest>> LoginConversation::ask_person(
    terminal_api::BeginResponse begun) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::min(begun.expires_in, kLongestLogin);
  takes_recovery_ = has(begun.factors, Factor::kRecovery);
  const bool takes_code = takes_recovery_ || has(begun.factors, Factor::kTotp);
  const bool takes_key = has(begun.factors, Factor::kSecurityKey) && begun.key.has_value();
  std::optional<KeyCeremony> key;
  if (takes_key && keys_ == Keys::kOffered) {
    KeyCeremony::Occasion occasion{std::move(*begun.key), tools_.gateways.terminal(), deadline};
    key.emplace(person_, tools_.keys, tools_.key_times, std::move(occasion));
  }
  KeyCeremony* const offered = key ? &*key : nullptr;
  if (!takes_code && offered == nullptr) {
    co_return std::unexpected(co_await person_.refuse(
        Status::kUnavailable, takes_key ? Message::kKeyOnlyHere : Message::kNoFactorHere));
  }
  terminal_api::FinishRequest request;
  request.transaction = std::move(begun.transaction);
  if (has(begun.factors, Factor::kPassword)) {
    Step<Secret> password = co_await ask_password(offered, deadline);
    if (!password) co_return std::unexpected(password.error());
    request.password = std::move(*password);
  }
  if (takes_code) {
    Step<std::optional<TypedCode>> typed = co_await ask_code(request.password, offered, deadline);
    if (!typed) co_return std::unexpected(typed.error());
    if (*typed) {
      request.factor = (*typed)->factor;
      request.code = std::move((*typed)->code);
      co_return std::move(request);
    }
    told_ = KeyCeremony::Told::kChoice;
  }
  Step<terminal_api::KeyAnswer> answer = co_await offered->run(request.password, told_);
  if (!answer) co_return std::unexpected(answer.error());
  request.factor = Factor::kSecurityKey;
  request.key = std::move(*answer);
  co_return std::move(request);
}

asio::awaitable<Step<Secret>> LoginConversation::ask_password(KeyCeremony* key,
                                                              Channel::Deadline deadline) {
  Message prompt = Message::kPasswordPrompt;
  if (key != nullptr) {
    const Step<KeyCeremony::Want> want = co_await key->foresee();
    if (!want) co_return std::unexpected(want.error());
    want_ = *want;
    if (want_ == KeyCeremony::Want::kTouch) {
      prompt = Message::kPasswordThenTouchPrompt;
      told_ = KeyCeremony::Told::kToTouch;
    }
  }
  std::string text = text_of(prompt, person_.language());
  Step<Secret> password = co_await person_.ask(Purpose::kPassword, std::move(text), deadline);
  // No stored password has bytes that are not UTF-8, nor none at all; the API carries only the
  // latter, which is wrong and counted as every wrong one.
  if (password && !is_utf8(password->reveal_text())) password = Secret();
  co_return std::move(password);
}

asio::awaitable<Step<std::optional<TypedCode>>> LoginConversation::ask_code(
    const std::optional<Secret>& password, KeyCeremony* key, Channel::Deadline deadline) {
  const Message prompt = code_prompt(key);
  for (int i = 0; i < kTriesAtTyping; ++i) {
    std::string text = text_of(prompt, person_.language());
    const Step<Secret> typed = co_await person_.ask(Purpose::kCode, std::move(text), deadline);
    if (!typed) co_return std::unexpected(typed.error());
    if (key != nullptr && typed->empty()) co_return std::optional<TypedCode>();
    // A host that answers every hidden prompt with the password does so whatever its shape.
    const bool is_password = password && password->reveal_text() == typed->reveal_text();
    std::optional<TypedCode> code = is_password ? std::nullopt : read_typed_code(*typed);
    if (code && (takes_recovery_ || code->factor == Factor::kTotp)) co_return std::move(code);
    // Such a host asked its person once, and what it showed said to touch the key.
    if (is_password && key != nullptr) {
      const Step<KeyCeremony::Want> want = co_await key->foresee();
      if (!want) co_return std::unexpected(want.error());
      if (*want == KeyCeremony::Want::kTouch) co_return std::optional<TypedCode>();
    }
    // sshd replaces whatever an unknown user answers by junk.  Were that refused here, the
    // gateway would count what a known user does and not what a stranger does, and after a few
    // attempts the difference would tell who exists.
    if (is_remote_) co_return TypedCode{Factor::kTotp, Secret(kNoCode)};
    const Status told = co_await person_.refuse(Status::kDenied, Message::kNotACode);
    if (told != Status::kDenied) co_return std::unexpected(told);
  }
  co_return std::unexpected(Status::kDenied);
}

Message LoginConversation::code_prompt(const KeyCeremony* key) const {
  if (key == nullptr) {
    return takes_recovery_ ? Message::kCodeOrRecoveryPrompt : Message::kCodePrompt;
  }
  // Somebody whose key has a PIN may type it here, where it would go to the gateway as a code.
  if (want_ == KeyCeremony::Want::kPin) {
    return takes_recovery_ ? Message::kCodeRecoveryOrPinPrompt : Message::kCodeOrPinPrompt;
  }
  return takes_recovery_ ? Message::kCodeRecoveryOrKeyPrompt : Message::kCodeOrKeyPrompt;
}

asio::awaitable<Status> LoginConversation::conclude(terminal_api::FinishResponse response) {
  switch (response.verdict) {
    case Verdict::kGranted: {
      std::string notice = last_login(response, person_.language());
      if (!notice.empty()) {
        const Step<void> told = co_await person_.tell(std::move(notice));
        if (!told) co_return told.error();
      }
      co_return Status::kGranted;
    }
    case Verdict::kDenied:
      co_return co_await person_.refuse(Status::kDenied, message_of(response.key_refusal));
    case Verdict::kExpired:
      co_return co_await person_.refuse(Status::kDenied, Message::kTooSlow);
    case Verdict::kLocked: {
      const Instant now = tools_.clock.now();
      std::string text = response.retry_after
                             ? locked_until(now + *response.retry_after, now, person_.language())
                             : text_of(Message::kLocked, person_.language());
      co_return co_await person_.refuse(Status::kMaxTries, std::move(text));
    }
  }
  co_return Status::kUnavailable;
}

asio::awaitable<Status> LoginConversation::end_with(Error error) {
  log::write(log::Level::kWarning, "login_undecided", JsonObject().add("reason", error.message));
  const bool is_refused = error.code == ErrorCode::kDenied;
  co_return co_await person_.refuse(Status::kUnavailable,
                                    is_refused ? Message::kTerminalRefused : Message::kNoGateway);
}

}  // namespace sekisho::agent
