#include "agent/key_ceremony.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "authn/factors/key_pin.h"
#include "base/log.h"

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;
using authn::FromKey;
using authn::Holding;
using authn::KeyFault;
using authn::KeyStatus;
using conversation::Purpose;
using conversation::Status;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// For keys to say what they are and hold, which nobody has to touch them for.  A prompt waits for
// it only as long as nobody minds; a key that is dead or in use holds the others up for seconds.
constexpr seconds kGlance{2};
constexpr seconds kLook{8};
constexpr milliseconds kBetweenLooks{300};
// Beside the touch itself: the key's own work, and the gateway's answer to it
// (agent/configuration.h Patience::question), since the module hears nothing in between.
constexpr seconds kAround{3};
constexpr seconds kAnswer{17};

// What no honest key exceeds; the gateway would refuse the whole request (protocol/terminal_api.h).
bool fits(const authn::KeyAssertion& assertion) {
  return assertion.credential_id.size() <= terminal_api::kMaxCredentialId &&
         assertion.authenticator_data.size() <= terminal_api::kMaxAuthenticatorData &&
         assertion.signature.size() <= terminal_api::kMaxSignature &&
         assertion.user_handle.size() <= terminal_api::kMaxUserHandle;
}

// Somebody is just plugging it in, or out.
bool may_pass(KeyFault fault) {
  return fault == KeyFault::kNoKey || fault == KeyFault::kUnplugged || fault == KeyFault::kBroken;
}

Message message_of(KeyFault fault) {
  switch (fault) {
    case KeyFault::kNoKey:
      return Message::kNoKey;
    case KeyFault::kUnplugged:
      return Message::kKeyUnplugged;
    case KeyFault::kNoCredential:
      return Message::kNotYourKey;
    case KeyFault::kPinNotSet:
      return Message::kPinNotSet;
    case KeyFault::kPinUnusable:
      return Message::kPinUnusable;
    case KeyFault::kPinWrong:
      return Message::kPinWrong;
    case KeyFault::kPinAuthBlocked:
      return Message::kPinAuthBlocked;
    case KeyFault::kPinBlocked:
      return Message::kPinBlocked;
    case KeyFault::kPinChangeForced:
      return Message::kPinChangeForced;
    case KeyFault::kNotTouched:
      return Message::kNotTouched;
    case KeyFault::kUnsupported:
      return Message::kKeyUnsupported;
    case KeyFault::kAlreadyRegistered:  // of making one only
    case KeyFault::kPinRequired:        // though it was given
    case KeyFault::kCancelled:
    case KeyFault::kBroken:
      break;
  }
  return Message::kKeyBroken;
}

}  // namespace

asio::awaitable<Step<KeyCeremony::Want>> KeyCeremony::foresee() {
  const Step<Found> found = co_await look(steady_clock::now() + kGlance);
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return Want::kUnknown;
  const FoundKey& key = **found;
  if (needs_pin(key)) co_return key.status.has_pin ? Want::kPin : Want::kUnknown;
  co_return key.holding == Holding::kShown ? Want::kTouch : Want::kUnknown;
}

asio::awaitable<Step<terminal_api::KeyAnswer>> KeyCeremony::run(
    const std::optional<Secret>& password, Told told) {
  // 1. The key.
  Step<Found> found = co_await find(told);
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return std::unexpected(co_await refuse(found->error()));
  FoundKey key = std::move(**found);

  // 2. Its PIN, where what it says of itself tells that one is needed.
  std::optional<Secret> pin;
  if (needs_pin(key)) {
    Step<Secret> typed = co_await ask_pin(key, password);
    if (!typed) co_return std::unexpected(typed.error());
    pin = std::move(*typed);
    found = co_await look_again(key);
    if (!found) co_return std::unexpected(found.error());
    if (!*found) co_return std::unexpected(co_await refuse(found->error()));
    key = std::move(**found);
  }

  // 3. The touch.  A key may demand its PIN only now, such as one that no finger matched.
  const bool had_pin = pin.has_value();
  Step<Signed> answer = co_await touch(key.status, std::move(pin));
  if (answer && !*answer && answer->error() == KeyFault::kPinRequired && !had_pin) {
    Step<Secret> typed = co_await ask_pin(key, password);
    if (!typed) co_return std::unexpected(typed.error());
    pin = std::move(*typed);
    found = co_await look_again(key);
    if (!found) co_return std::unexpected(found.error());
    if (!*found) co_return std::unexpected(co_await refuse(found->error()));
    key = std::move(**found);
    answer = co_await touch(key.status, std::move(pin));
  }
  if (!answer) co_return std::unexpected(answer.error());
  if (!*answer && answer->error() == KeyFault::kPinWrong) {
    co_return std::unexpected(co_await refuse_pin(key.status));
  }
  if (!*answer) co_return std::unexpected(co_await refuse(answer->error()));
  authn::KeyAssertion& assertion = **answer;
  if (!fits(assertion)) co_return std::unexpected(co_await refuse(KeyFault::kBroken));
  const std::string client_data =
      terminal_api::client_data_for(occasion_.challenge.challenge, occasion_.terminal);
  terminal_api::KeyAnswer presented;
  presented.credential_id = std::move(assertion.credential_id);
  presented.client_data = copy_of(as_bytes(client_data));
  presented.authenticator_data = std::move(assertion.authenticator_data);
  presented.signature = std::move(assertion.signature);
  presented.user_handle = std::move(assertion.user_handle);
  co_return std::move(presented);
}

// Otherwise why there is none: a key that could not be asked counts for more than one that is
// somebody else's.
KeyCeremony::Found KeyCeremony::find_key(authn::SecurityKeys& keys, const std::string& rp_id,
                                         const std::vector<Bytes>& credentials,
                                         const authn::Cancellation& cancellation) {
  Found hiding = std::unexpected(KeyFault::kNoKey);
  for (KeyStatus& key : keys.list()) {
    if (cancellation.is_cancelled()) return std::unexpected(KeyFault::kCancelled);
    const FromKey<Holding> holding = keys.holds(key.path, rp_id, credentials);
    if (holding == Holding::kShown) return FoundKey{std::move(key), Holding::kShown};
    if (hiding) continue;
    if (holding == Holding::kMayHide) {
      hiding = FoundKey{std::move(key), Holding::kMayHide};
    } else if (!holding) {
      hiding = std::unexpected(holding.error());
    } else if (hiding.error() == KeyFault::kNoKey) {
      hiding = std::unexpected(KeyFault::kNoCredential);
    }
  }
  return hiding;
}

asio::awaitable<Step<KeyCeremony::Found>> KeyCeremony::look(Channel::Deadline deadline) {
  KeyDesk::Work<Found> work = [rp_id = occasion_.challenge.rp_id,
                               credentials = occasion_.challenge.credentials](
                                  authn::SecurityKeys& keys, authn::Cancellation& cancellation) {
    return find_key(keys, rp_id, credentials, cancellation);
  };
  KeyDesk::Answer<Found> answer =
      co_await desk_.call<Found>(person_.channel(), deadline, std::move(work));
  if (answer) co_return std::move(*answer);
  if (answer.error() == KeyDesk::GaveUp::kHungUp) {
    co_return std::unexpected(Status::kConversationError);
  }
  co_return Found(std::unexpected(KeyFault::kBroken));
}

asio::awaitable<Step<KeyCeremony::Found>> KeyCeremony::look_again(FoundKey asked) {
  Step<Found> now = co_await look(steady_clock::now() + kLook);
  if (!now || !*now) co_return std::move(now);
  const FoundKey& key = **now;
  // While the PIN was typed the own key may have come, or another's gone, as the prompt says.
  if (key.holding == Holding::kShown) co_return std::move(now);
  const bool is_what_was_named =
      asked.holding == Holding::kMayHide && key.status.product == asked.status.product;
  if (is_what_was_named) co_return std::move(now);
  co_return Found(std::unexpected(KeyFault::kUnplugged));
}

asio::awaitable<Step<KeyCeremony::Found>> KeyCeremony::find(Told told) {
  Step<Found> found = co_await look(steady_clock::now() + kLook);
  if (!found) co_return std::move(found);
  const bool is_none = !*found && found->error() == KeyFault::kNoKey;
  const bool is_untold = told == Told::kNothing && *found && !needs_pin(**found);
  if (told != Told::kChoice && (is_none || is_untold)) {
    std::string prompt = text_of(Message::kPlugInPrompt, person_.language());
    // Enter is the answer; what is typed before it, by a host or a person, is nobody's.
    const Step<Secret> ready =
        co_await person_.ask(Purpose::kCode, std::move(prompt), occasion_.deadline);
    if (!ready) co_return std::unexpected(ready.error());
    co_return co_await wait_for_key();
  }
  if (is_none && times_.plug_in.count() > 0) {
    std::string text = text_of(Message::kPlugInKey, person_.language());
    const Step<void> shown = co_await person_.tell(std::move(text));
    if (!shown) co_return std::unexpected(shown.error());
    co_return co_await wait_for_key();
  }
  co_return std::move(found);
}

asio::awaitable<Step<KeyCeremony::Found>> KeyCeremony::wait_for_key() {
  const Step<void> held =
      co_await person_.hold_on(std::chrono::ceil<seconds>(times_.plug_in) + kLook + kAround);
  if (!held) co_return std::unexpected(held.error());
  const auto end = std::min(steady_clock::now() + times_.plug_in, occasion_.deadline);
  asio::steady_timer pause(co_await asio::this_coro::executor);
  while (true) {
    Step<Found> found = co_await look(steady_clock::now() + kLook);
    if (!found || *found || !may_pass(found->error())) co_return std::move(found);
    if (steady_clock::now() >= end) co_return std::move(found);
    pause.expires_after(kBetweenLooks);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

bool KeyCeremony::is_to_verify(const KeyStatus& key) const {
  const terminal_api::KeyChallenge& challenge = occasion_.challenge;
  const bool has_good_pin = key.has_pin && !key.needs_new_pin && key.pin_tries_left != 0;
  return challenge.verify_user ||
         (challenge.prefer_verification && (key.can_verify_by_itself || has_good_pin));
}

bool KeyCeremony::needs_pin(const FoundKey& key) const {
  const bool is_asked_for =
      is_to_verify(key.status) || key.status.always_verifies || key.holding == Holding::kMayHide;
  return is_asked_for && !key.status.can_verify_by_itself;
}

asio::awaitable<Step<Secret>> KeyCeremony::ask_pin(FoundKey found,
                                                   const std::optional<Secret>& password) {
  const KeyStatus& key = found.status;
  // What can only fail is not asked for.
  std::optional<KeyFault> fault;
  if (!key.has_pin) {
    fault = KeyFault::kPinNotSet;
  } else if (key.pin_tries_left == 0) {
    fault = KeyFault::kPinBlocked;
  } else if (key.needs_new_pin) {
    fault = KeyFault::kPinChangeForced;
  }
  if (fault) co_return std::unexpected(co_await refuse(*fault));
  std::string prompt =
      found.holding == Holding::kShown
          ? pin_prompt(key.pin_tries_left, person_.language())
          : doubtful_pin_prompt(key.pin_tries_left, key.product, person_.language());
  Step<Secret> typed = co_await person_.ask(Purpose::kPin, std::move(prompt), occasion_.deadline);
  if (!typed) co_return std::move(typed);
  const std::optional<authn::PinFlaw> flaw = authn::flaw_of(*typed, key.least_pin);
  if (flaw == authn::PinFlaw::kImpossible) {
    co_return std::unexpected(co_await refuse(KeyFault::kPinUnusable));
  }
  if (flaw == authn::PinFlaw::kTooShort) {
    std::string text = short_pin(key.least_pin, person_.language());
    co_return std::unexpected(co_await person_.refuse(Status::kDenied, std::move(text)));
  }
  if (password && password->reveal_text() == typed->reveal_text()) {
    co_return std::unexpected(co_await person_.refuse(Status::kDenied, Message::kPinIsPassword));
  }
  co_return std::move(typed);
}

asio::awaitable<Step<KeyCeremony::Signed>> KeyCeremony::touch(KeyStatus key,
                                                              std::optional<Secret> pin) {
  const auto rest =
      std::chrono::duration_cast<milliseconds>(occasion_.deadline - steady_clock::now());
  const milliseconds timeout = std::min(times_.touch, rest);
  if (timeout < seconds(1)) {
    co_return std::unexpected(
        co_await person_.refuse(Status::kConversationError, Message::kTooSlow));
  }
  std::string text = text_of(Message::kTouchKey, person_.language());
  const Step<void> told = co_await person_.tell(std::move(text));
  if (!told) co_return std::unexpected(told.error());
  const Step<void> held =
      co_await person_.hold_on(std::chrono::ceil<seconds>(timeout) + kAround + kAnswer);
  if (!held) co_return std::unexpected(held.error());

  authn::AssertionRequest request;
  request.rp_id = occasion_.challenge.rp_id;
  request.client_data_hash =
      sha256(terminal_api::client_data_for(occasion_.challenge.challenge, occasion_.terminal));
  request.credentials = occasion_.challenge.credentials;
  request.verify_user = is_to_verify(key);
  request.pin = std::move(pin);
  request.timeout = timeout;
  KeyDesk::Work<Signed> work = [path = std::move(key.path), request = std::move(request)](
                                   authn::SecurityKeys& keys, authn::Cancellation& cancellation) {
    return keys.get_assertion(path, request, cancellation);
  };
  const auto deadline = steady_clock::now() + timeout + kAround;
  KeyDesk::Answer<Signed> answer =
      co_await desk_.call<Signed>(person_.channel(), deadline, std::move(work));
  if (answer) co_return std::move(*answer);
  if (answer.error() == KeyDesk::GaveUp::kHungUp) {
    co_return std::unexpected(Status::kConversationError);
  }
  co_return Signed(std::unexpected(KeyFault::kBroken));
}

asio::awaitable<Step<std::optional<int>>> KeyCeremony::tries_left(std::string path) {
  using Tries = std::optional<int>;
  KeyDesk::Work<Tries> work = [path = std::move(path)](authn::SecurityKeys& keys,
                                                       authn::Cancellation&) -> Tries {
    for (const KeyStatus& key : keys.list()) {
      if (key.path == path) return key.pin_tries_left;
    }
    return std::nullopt;
  };
  const KeyDesk::Answer<Tries> answer =
      co_await desk_.call<Tries>(person_.channel(), steady_clock::now() + kGlance, std::move(work));
  if (!answer && answer.error() == KeyDesk::GaveUp::kHungUp) {
    co_return std::unexpected(Status::kConversationError);
  }
  co_return answer.value_or(std::nullopt);
}

asio::awaitable<Status> KeyCeremony::refuse(KeyFault fault) {
  log::write(log::Level::kInfo, "key_not_used", JsonObject().add("reason", authn::name_of(fault)));
  co_return co_await person_.refuse(Status::kDenied, message_of(fault));
}

asio::awaitable<Status> KeyCeremony::refuse_pin(KeyStatus key) {
  const Step<std::optional<int>> left = co_await tries_left(key.path);
  if (!left) co_return left.error();
  if (*left == 0) co_return co_await refuse(KeyFault::kPinBlocked);
  log::write(log::Level::kInfo, "key_not_used",
             JsonObject().add("reason", authn::name_of(KeyFault::kPinWrong)));
  std::string text = wrong_pin(*left, person_.language());
  co_return co_await person_.refuse(Status::kDenied, std::move(text));
}

}  // namespace sekisho::agent
