#include "protocol/language.h"

#include "tests/support/catch.h"

namespace sekisho::conversation {
namespace {

TEST_CASE("a locale chooses the language, and none leaves it to the default", "[protocol]") {
  const auto of = [](std::string_view locale) {
    return language_of_locale(locale, Language::kEnglish);
  };
  CHECK(of("ja_JP.UTF-8") == Language::kJapanese);
  CHECK(of("ja_JP.utf8@x") == Language::kJapanese);
  CHECK(of("ja") == Language::kJapanese);
  CHECK(language_of_locale("", Language::kJapanese) == Language::kJapanese);
  CHECK(of("") == Language::kEnglish);
  CHECK(language_of_locale("C.UTF-8", Language::kJapanese) == Language::kEnglish);
  CHECK(language_of_locale("en_GB", Language::kJapanese) == Language::kEnglish);
  CHECK(language_of_locale("jav_ID.UTF-8", Language::kJapanese) == Language::kEnglish);
}

TEST_CASE("a session that cannot show our encoding is spoken to in English", "[protocol]") {
  CHECK(language_of_locale("ja_JP.eucJP", Language::kJapanese) == Language::kEnglish);
  CHECK(language_of_locale("ja_JP.SJIS@x", Language::kJapanese) == Language::kEnglish);
}

TEST_CASE("only the languages that exist have a name", "[protocol]") {
  CHECK(language_named("ja") == Language::kJapanese);
  CHECK(language_named("en") == Language::kEnglish);
  CHECK_FALSE(language_named("JA"));
  CHECK_FALSE(language_named(""));
}

}  // namespace
}  // namespace sekisho::conversation
