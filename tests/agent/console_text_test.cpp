#include "agent/console_text.h"

#include <stdlib.h>

#include <initializer_list>

#include "agent/configuration.h"
#include "agent/joining.h"
#include "tests/support/catch.h"

namespace sekisho::agent {
namespace {

using conversation::Language;

// True when the text was found among the sentences: the others keep their English.
bool is_told(const Error& error) {
  const std::string text = error_text(error, Language::kJapanese);
  return text.find(error.message) == std::string::npos && text != error.message;
}

TEST_CASE("every mistake in the configuration is told in Japanese, with its line", "[agent]") {
  const auto configuration = parse_configuration(R"(
gateways = ["https://gw:8444", "http://gw2:8444", "https://gw:8444"]
langage = "ja"
language = "fr"
connect_timeout = "2"
state = 5
)",
                                                 "/etc/s/agent.toml");
  const std::string text = error_text(configuration.error(), Language::kJapanese);
  for (const char* const line :
       {"/etc/s/agent.toml:2: ゲートウェイは \"https://gateway.town.example:8444\" のように",
        "https://gw:8444 が 2 回", "/etc/s/agent.toml:3: \"langage\" という設定はありません",
        "/etc/s/agent.toml:4: language は",
        "/etc/s/agent.toml:5: connect_timeout は \"100ms\" から",
        "/etc/s/agent.toml:6: state は文字列で"}) {
    INFO(text);
    CHECK(text.find(line) != std::string::npos);
  }
  CHECK(is_told(parse_configuration("", "agent.toml").error()));
}

TEST_CASE("what goes wrong when joining is told in Japanese", "[agent]") {
  const std::string fingerprint(64, 'a');
  CHECK(is_told(read_invitation("gw", fingerprint, "x").error()));
  CHECK(is_told(read_invitation("https://gw", "a", "x").error()));
  CHECK(is_told(read_invitation("https://gw", fingerprint, "x").error()));
  CHECK(error_text({ErrorCode::kDenied, "https://gw:1 answers 403 token_refused: spent"},
                   Language::kJapanese)
            .find("sekisho terminal add 端末名 --again") != std::string::npos);
}

TEST_CASE("an error without a sentence loses nothing, and English stays", "[agent]") {
  const Error error{ErrorCode::kFull, "something new"};
  CHECK(error_text(error, Language::kJapanese) == "ディスクの空きがありません: something new");
  CHECK(error_text(error, Language::kEnglish) == "something new");
}

TEST_CASE("the language is the locale's", "[agent]") {
  const auto language_with = [](const char* all, const char* lang) {
    ::setenv("LC_ALL", all, 1);
    ::unsetenv("LC_MESSAGES");
    ::setenv("LANG", lang, 1);
    return language_of_environment();
  };
  CHECK(language_with("", "ja_JP.UTF-8") == Language::kJapanese);
  CHECK(language_with("C.UTF-8", "ja_JP.UTF-8") == Language::kEnglish);
  CHECK(language_with("", "ja_JP.eucJP") == Language::kEnglish);
  CHECK(language_with("", "") == Language::kEnglish);
}

}  // namespace
}  // namespace sekisho::agent
