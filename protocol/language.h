// In which language the person at a terminal is spoken to.
//
// Texts are UTF-8.  A session whose locale says another encoding could not show Japanese, so it is
// spoken to in English, which every encoding shows.

#ifndef SEKISHO_PROTOCOL_LANGUAGE_H_
#define SEKISHO_PROTOCOL_LANGUAGE_H_

#include <optional>
#include <string_view>

namespace sekisho::conversation {

enum class Language { kJapanese, kEnglish };

// "ja" or "en", as options and configurations write it; nullopt for anything else.
std::optional<Language> language_named(std::string_view name);

// For a POSIX locale name ("ja_JP.UTF-8", "ja", "C"); `otherwise` when the session names none.
Language language_of_locale(std::string_view locale, Language otherwise);

}  // namespace sekisho::conversation

#endif  // SEKISHO_PROTOCOL_LANGUAGE_H_
