#include "cli/language.h"

#include <cstdlib>

namespace sekisho::cli {

std::optional<Language> language_named(std::string_view name) {
  if (name == "ja") return Language::kJapanese;
  if (name == "en") return Language::kEnglish;
  return std::nullopt;
}

Language language_of_environment() {
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    return std::string_view(value).starts_with("ja") ? Language::kJapanese : Language::kEnglish;
  }
  return Language::kEnglish;
}

}  // namespace sekisho::cli
