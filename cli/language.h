// Japanese or English: every text a person reads is there in both.

#ifndef SEKISHO_CLI_LANGUAGE_H_
#define SEKISHO_CLI_LANGUAGE_H_

#include <optional>
#include <string_view>

namespace sekisho::cli {

enum class Language { kJapanese, kEnglish };

// A text in both languages; holds views of literals.
struct Text {
  std::string_view ja;
  std::string_view en;
  constexpr std::string_view in(Language language) const {
    return language == Language::kJapanese ? ja : en;
  }
};

// "ja" or "en".
std::optional<Language> language_named(std::string_view name);

// By the locale, as setlocale(3) looks for it: the first of LC_ALL, LC_MESSAGES and LANG that is
// set.  Japanese when it begins with "ja", English otherwise.
Language language_of_environment();

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_LANGUAGE_H_
