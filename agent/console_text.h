// What an administrator at the terminal reads of `sekisho-agent`, in Japanese or English.

#ifndef SEKISHO_AGENT_CONSOLE_TEXT_H_
#define SEKISHO_AGENT_CONSOLE_TEXT_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "protocol/language.h"

namespace sekisho::agent {

// A text in both languages; holds views of literals.
struct Text {
  std::string_view ja;
  std::string_view en;
  std::string in(conversation::Language language) const {
    return std::string(language == conversation::Language::kJapanese ? ja : en);
  }
};

// By the locale, as setlocale(3) looks for it: the first of LC_ALL, LC_MESSAGES and LANG that is
// set; English when none is.
conversation::Language language_of_environment();

// Every line of the error in the person's language.
std::string error_text(const Error& error, conversation::Language language);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_CONSOLE_TEXT_H_
