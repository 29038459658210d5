#include "protocol/language.h"

#include "base/text.h"

namespace sekisho::conversation {

std::optional<Language> language_named(std::string_view name) {
  if (name == "ja") return Language::kJapanese;
  if (name == "en") return Language::kEnglish;
  return std::nullopt;
}

Language language_of_locale(std::string_view locale, Language otherwise) {
  if (locale.empty()) return otherwise;
  const std::size_t end_of_language = locale.find_first_of("_.@");
  if (locale.substr(0, end_of_language) != "ja") return Language::kEnglish;
  const std::size_t dot = locale.find('.');
  if (dot == std::string_view::npos) return Language::kJapanese;
  const std::string_view encoding = locale.substr(dot + 1, locale.find('@', dot) - dot - 1);
  const bool is_utf8_encoding =
      equals_ignoring_case(encoding, "UTF-8") || equals_ignoring_case(encoding, "utf8");
  return is_utf8_encoding ? Language::kJapanese : Language::kEnglish;
}

}  // namespace sekisho::conversation
