#include "gateway/pages/language.h"

#include <string>

#include "tests/support/catch.h"

namespace sekisho::pages {
namespace {

constexpr Language kJa = Language::kJapanese;
constexpr Language kEn = Language::kEnglish;

TEST_CASE("a browser that says nothing is answered in Japanese", "[pages]") {
  CHECK(language_from("") == kJa);
  CHECK(language_from("  ") == kJa);
  CHECK(language_from("*") == kJa);
  CHECK(language_from("fr-FR, de;q=0.8") == kJa);
}

TEST_CASE("English is chosen only when it is preferred to Japanese", "[pages]") {
  CHECK(language_from("en") == kEn);
  CHECK(language_from("en-US,en;q=0.9") == kEn);
  CHECK(language_from("EN-gb") == kEn);
  CHECK(language_from("en-US,en;q=0.9,ja;q=0.8") == kEn);
  CHECK(language_from("ja,en-US;q=0.9,en;q=0.8") == kJa);
  CHECK(language_from("en;q=0.5, ja;q=0.501") == kJa);
  CHECK(language_from("ja;q=0.5, en;q=0.501") == kEn);
  CHECK(language_from("fr, en;q=0.7, *;q=0.1") == kEn);
}

TEST_CASE("with equal weights the language named first is chosen", "[pages]") {
  CHECK(language_from("ja, en") == kJa);
  CHECK(language_from("en, ja") == kEn);
  CHECK(language_from("en;q=0.8, ja;q=0.80") == kEn);
}

TEST_CASE("a weight of zero refuses a language", "[pages]") {
  CHECK(language_from("en;q=0") == kJa);
  CHECK(language_from("en;q=0.000, ja;q=0.001") == kJa);
  CHECK(language_from("ja;q=0, en;q=0.1") == kEn);
  CHECK(language_from("ja;q=0, *;q=0.1") == kEn);
  CHECK(language_from("ja;q=0") == kJa);  // there must be some language
}

TEST_CASE("a star stands for the language that is not named", "[pages]") {
  CHECK(language_from("ja;q=0.2, *;q=0.9") == kEn);
  CHECK(language_from("en;q=0.2, *;q=0.9") == kJa);
}

TEST_CASE("entries that break the grammar are left out", "[pages]") {
  CHECK(language_from("en;q=2") == kJa);
  CHECK(language_from("en;q=1.001") == kJa);
  CHECK(language_from("en;q=0.1234") == kJa);
  CHECK(language_from("en;q=-1") == kJa);
  CHECK(language_from("en;q=") == kJa);
  CHECK(language_from("en;level=1") == kJa);
  CHECK(language_from("english") == kJa);
  CHECK(language_from(";q=1, ,,en;q=1.000") == kEn);
  CHECK(language_from("\xff\xfe,en") == kEn);
}

TEST_CASE("a header without end is read to its thirty-second entry", "[pages]") {
  std::string header;
  for (int i = 0; i < 31; ++i) header += "fr,";
  CHECK(language_from(header + "en") == kEn);
  CHECK(language_from(header + "fr,en") == kJa);
}

}  // namespace
}  // namespace sekisho::pages
