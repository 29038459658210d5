// The catalogue, and the templates that take their words from it.

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "base/text.h"
#include "gateway/pages/messages.h"
#include "gateway/pages/page_templates.h"
#include "tests/gateway_pages/html_tags.h"
#include "tests/support/catch.h"

namespace sekisho::pages {
namespace {

// The {words} of a message.
std::multiset<std::string> placeholders(std::string_view text) {
  std::multiset<std::string> found;
  for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{', open)) {
    const auto close = text.find('}', open);
    REQUIRE(close != std::string_view::npos);
    found.insert(std::string(text.substr(open + 1, close - open - 1)));
    open = close;
  }
  return found;
}

// The names in the template's tags that begin with `mark`.
std::set<std::string> tags_with(std::string_view text, std::string_view mark) {
  std::set<std::string> found;
  const std::string opening = "{{" + std::string(mark);
  for (auto at = text.find(opening); at != std::string_view::npos; at = text.find(opening, at)) {
    at += opening.size();
    found.insert(std::string(trimmed(text.substr(at, text.find("}}", at) - at))));
  }
  return found;
}

// The template without its tags.
std::string without_tags(std::string_view text) {
  std::string rest;
  while (true) {
    const auto open = text.find("{{");
    rest += text.substr(0, open);
    if (open == std::string_view::npos) return rest;
    const auto close = text.find("}}", open);
    REQUIRE(close != std::string_view::npos);
    text.remove_prefix(close + 2);
  }
}

TEST_CASE("every message is there in both languages, with the same values to fill in", "[pages]") {
  std::set<std::string_view> keys;
  for (const CatalogueEntry& entry : kCatalogue) {
    INFO(entry.key);
    CHECK(keys.insert(entry.key).second);
    CHECK_FALSE(entry.japanese.empty());
    CHECK_FALSE(entry.english.empty());
    CHECK(is_utf8(entry.japanese));
    CHECK(is_utf8(entry.english));
    CHECK(placeholders(entry.japanese) == placeholders(entry.english));
  }
}

TEST_CASE("the English texts hold no Japanese", "[pages]") {
  for (const CatalogueEntry& entry : kCatalogue) {
    INFO(entry.english);
    CHECK(entry.english.find("\xe3") == std::string_view::npos);  // kana, and most punctuation
  }
}

TEST_CASE("what cannot be undone by trying again names who can help", "[pages]") {
  for (const char* key : {"notice_disabled",
                          "notice_no_second_factor",
                          "notice_factor_expired",
                          "notice_locked",
                          "notice_unavailable",
                          "notice_key_refused",
                          "notice_key_suspected",
                          "notice_key_model_refused",
                          "notice_key_syncable",
                          "notice_wrong_enrolment_code",
                          "key_lost_help",
                          "no_key_help",
                          "key_status_unusable",
                          "key_status_address",
                          "key_status_unsupported",
                          "key_no_script",
                          "p403_next",
                          "p500_next",
                          "forbidden_not_permitted_next",
                          "forbidden_network_next"}) {
    INFO(key);
    const CatalogueEntry& entry = kCatalogue[position_of(key)];
    CHECK(entry.japanese.find("情報システム担当") != std::string_view::npos);
    CHECK(entry.english.find("information systems office") != std::string_view::npos);
  }
}

TEST_CASE("filling in puts each value where its word stands and reads no value as a message",
          "[pages]") {
  CHECK(fill(Message("greeting"), Language::kEnglish, {{"name", "{name}"}}) == "Welcome, {name}.");
  CHECK(fill(Message("recovery_left"), Language::kJapanese, {{"count", "3"}}) == "残り 3 個");
  CHECK(fill(Message("sign_in"), Language::kEnglish, {}) == "Sign in");
}

TEST_CASE("templates take every word from the catalogue", "[pages]") {
  for (const TemplateFile& file : template_files()) {
    INFO(file.name);
    for (const std::string& key : tags_with(file.text, "t.")) {
      INFO(key);
      REQUIRE(position_of(key) < kCatalogue.size());
      CHECK(placeholders(kCatalogue[position_of(key)].japanese).empty());
    }
    // Parts of templates do not nest by themselves, so their tags are read one by one.
    const std::string rest = without_tags(file.text);
    for (const auto piece : split(rest, '<')) {
      const auto close = piece.find('>');
      const auto text = close == std::string_view::npos ? piece : piece.substr(close + 1);
      INFO(text);
      CHECK(text.find_first_not_of(" \n-") == std::string_view::npos);
      for (const char* attribute : {"alt=\"", "title=\"", "placeholder=\"", "aria-label=\""}) {
        const auto at = piece.find(attribute);
        if (at == std::string_view::npos) continue;
        CHECK(piece.substr(at + std::string_view(attribute).size()).starts_with('"'));
      }
    }
  }
}

TEST_CASE("no template puts a value in unescaped", "[pages]") {
  for (const TemplateFile& file : template_files()) {
    INFO(file.name);
    CHECK(file.text.find("{{{") == std::string_view::npos);
    CHECK(file.text.find("{{&") == std::string_view::npos);
    CHECK(file.text.find("{{=") == std::string_view::npos);
  }
}

TEST_CASE("every template composes and parses in both languages", "[pages]") {
  for (const Language language : {Language::kJapanese, Language::kEnglish}) {
    for (const char* name :
         {"sign_in", "second_factor", "home", "add_key", "signed_out", "problem"}) {
      INFO(name);
      const std::string composed = composed_template(name, language);
      CHECK(composed.find("[missing:") == std::string::npos);
      CHECK(tags_with(composed, ">").empty());
      CHECK(tags_with(composed, "t.").empty());
      CHECK(kainjow::mustache::mustache(composed).is_valid());
    }
  }
  CHECK(composed_template("nothing", Language::kEnglish).find("[missing: nothing]") !=
        std::string::npos);
}

TEST_CASE("no message is left that nothing says", "[pages]") {
  std::ostringstream source;
  for (const auto& entry :
       std::filesystem::directory_iterator(SEKISHO_SOURCE_DIR "/gateway/pages")) {
    if (entry.path().extension() == ".cpp") source << std::ifstream(entry.path()).rdbuf();
  }
  const std::string code = source.str();
  REQUIRE_FALSE(code.empty());
  std::set<std::string> used;
  for (const TemplateFile& each : template_files()) used.merge(tags_with(each.text, "t."));
  for (const CatalogueEntry& entry : kCatalogue) {
    const std::string key(entry.key);
    const bool is_problem = key.size() > 4 && key[0] == 'p' && parse_unsigned(key.substr(1, 3));
    INFO(key);
    CHECK((is_problem || used.contains(key) ||
           code.find("Message(\"" + key + "\")") != std::string::npos));
  }
}

}  // namespace
}  // namespace sekisho::pages
