// Every text the agent has a person see, in Japanese and English.  Short, because some hosts show
// one line; none tells who exists or which factor was wrong.  A key's own troubles are told: that
// it is not the person's is told to whoever holds it, and a stranger's name has no key at all.

#ifndef SEKISHO_AGENT_MESSAGES_H_
#define SEKISHO_AGENT_MESSAGES_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "protocol/language.h"
#include "protocol/terminal_api.h"

namespace sekisho::agent {

enum class Message {
  kPasswordPrompt,
  kCodePrompt,
  kCodeOrRecoveryPrompt,
  kNotACode,
  kDenied,
  kLocked,
  kTooSlow,
  kNoGateway,
  kTerminalRefused,
  kNoFactorHere,
  kNotEntitled,
  kBusy,
  // Of security keys.
  kPasswordThenTouchPrompt,
  kCodeOrKeyPrompt,
  kCodeRecoveryOrKeyPrompt,
  kCodeOrPinPrompt,
  kCodeRecoveryOrPinPrompt,
  kPlugInPrompt,
  kPlugInKey,
  kTouchKey,
  kKeyOnlyHere,
  kNoKey,
  kKeyUnplugged,
  kNotYourKey,
  kPinNotSet,
  kPinUnusable,
  kPinIsPassword,
  kPinWrong,
  kPinAuthBlocked,
  kPinBlocked,
  kPinChangeForced,
  kNotTouched,
  kKeyUnsupported,
  kKeyBroken,
  // Of a key that the gateway did not take, after a right password.
  kKeyNotVerified,
  kKeyModelRefused,
  kKeySuspected,
  kKeyNeeded,
  kKeyRefused,
};

std::string text_of(Message message, conversation::Language language);

// Asks for the PIN of a key and says what comes after it; `tries` where the key tells how many are
// left.
std::string pin_prompt(std::optional<int> tries, conversation::Language language);
// The same of a key that does not tell whose it is: names the product, which may have any bytes,
// and says what to look at first.
std::string doubtful_pin_prompt(std::optional<int> tries, std::string_view product,
                                conversation::Language language);
// The PIN has fewer than `least` characters and was not sent.
std::string short_pin(int least, conversation::Language language);
// The PIN was wrong, how many tries are left, and that another takes another login.
std::string wrong_pin(std::optional<int> tries, conversation::Language language);

// "Locked until 09:15, then try again": `until`, rounded up to the minute, in the terminal's own
// time zone, with its date when that is another day than `now`.
std::string locked_until(Instant until, Instant now, conversation::Language language);

// What J-13 asks for: when and where this user last logged in, and how many attempts have failed
// since; "" when the gateway told nothing.
std::string last_login(const terminal_api::FinishResponse& response,
                       conversation::Language language);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_MESSAGES_H_
