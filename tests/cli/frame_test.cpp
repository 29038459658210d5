// What needs no store: texts, widths, URIs, names, codes.

#include <boost/json.hpp>

#include "cli/administrator.h"
#include "cli/display_width.h"
#include "cli/error_text.h"
#include "cli/exit.h"
#include "cli/key_texts.h"
#include "cli/language.h"
#include "cli/otpauth_uri.h"
#include "cli/qr.h"
#include "cli/usage_text.h"
#include "cli/view.h"
#include "tests/support/catch.h"

namespace sekisho::cli {
namespace {

TEST_CASE("full-width characters take two columns and combining ones none", "[cli]") {
  CHECK(display_width("") == 0);
  CHECK(display_width("hanako") == 6);
  CHECK(display_width("関所花子") == 8);
  CHECK(display_width("ｶﾅ") == 2);
  CHECK(display_width("カナ") == 4);
  CHECK(display_width("ＡＢ") == 4);
  CHECK(display_width("か\u3099") == 2);
  CHECK(display_width("é") == 1);
  CHECK(display_width("𠮷野") == 4);
  CHECK(display_width("…") == 1);
  CHECK(padded("関", 4) == "関  ");
  CHECK(padded("関所", 2) == "関所");
}

TEST_CASE("columns of a table stay aligned under full-width text", "[cli]") {
  const Listing listing{
      {{"name", {"利用者", "user"}}, {"count", {"数", "count"}}},
      {{std::string("関所花子"), std::int64_t{1}}, {std::string("taro"), std::int64_t{1234}}},
      {"", ""}};
  CHECK(as_text(listing, Language::kJapanese) ==
        "利用者      数\n関所花子     1\ntaro      1234\n");
  CHECK(as_text(listing, Language::kEnglish) ==
        "user      count\n関所花子      1\ntaro       1234\n");
}

TEST_CASE("what a table shows cannot move the cursor", "[cli]") {
  const Listing listing{{{"name", {"n", "n"}}}, {{std::string("a\033[2Jb\nc")}}, {"", ""}};
  const std::string text = as_text(listing, Language::kEnglish);
  CHECK(text.find('\033') == std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("an empty listing says so, and is an empty array in JSON", "[cli]") {
  const Listing listing{{{"name", {"n", "n"}}}, {}, {"いません", "none"}};
  CHECK(as_text(listing, Language::kJapanese) == "いません\n");
  CHECK(boost::json::serialize(as_json(listing)) == "[]");
}

TEST_CASE("JSON holds the words of scripts, not those of people", "[cli]") {
  Record record;
  record.fields = {{{"none", {"", ""}}, Cell()},
                   {{"state", {"", ""}}, Word{"joined", {"参加済み", "joined up"}}},
                   {{"at", {"", ""}}, instant_of(1'800'000'000'000)},
                   {{"flag", {"", ""}}, true},
                   {{"broken", {"", ""}}, std::string("\xff\n")},
                   {{"groups", {"", ""}}, std::vector<std::string>{"a", "b"}}};
  CHECK(boost::json::serialize(as_json(record)) ==
        R"({"none":null,"state":"joined","at":"2027-01-15T08:00:00.000Z","flag":true,)"
        R"("broken":"\\xff\\x0a","groups":["a","b"]})");
}

TEST_CASE("an otpauth URI encodes what would break it", "[cli]") {
  const Secret seed(std::string_view("12345678901234567890"));
  const Secret uri = otpauth_uri(seed, {"関所:町", "a&b", "SHA256", 8, 60});
  CHECK(uri.reveal_text() ==
        "otpauth://totp/%E9%96%A2%E6%89%80%20%E7%94%BA:a%26b"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E9%96%A2%E6%89%80%20%E7%94%BA"
        "&algorithm=SHA256&digits=8&period=60");
}

TEST_CASE("a QR code has a light quiet zone of four modules on every side", "[cli]") {
  const QrCode code = QrCode::encode(Secret(std::string_view("otpauth://totp/x"))).value();
  const Secret drawing = code.drawn(QrStyle::kAscii, false);
  std::vector<std::string> lines;
  std::string line;
  for (const char c : drawing.reveal_text()) {
    if (c == '\n') {
      lines.push_back(std::move(line));
      line.clear();
    } else {
      line.push_back(c);
    }
  }
  const std::size_t side = lines.size();
  REQUIRE(side >= 29);  // the smallest code is 21 modules wide
  for (std::size_t i = 0; i < side; ++i) {
    REQUIRE(lines[i].size() == side * 2);
    CHECK(lines[i].substr(0, 8) == "########");
    CHECK(lines[i].substr(side * 2 - 8) == "########");
    if (i < 4 || i >= side - 4) CHECK(lines[i] == std::string(side * 2, '#'));
  }
  CHECK(lines[4].substr(8, 14) == std::string(14, ' '));  // the finder pattern's dark edge
}

TEST_CASE("a text too long for a QR code is an error", "[cli]") {
  CHECK(QrCode::encode(Secret(Bytes(4000, 'x'))).error().code == ErrorCode::kInvalid);
}

TEST_CASE("the audit log names who stands behind root", "[cli]") {
  CHECK(administrator_name({"root", true, "tanaka", std::nullopt}) == "admin:root (sudo: tanaka)");
  CHECK(administrator_name({"root", true, std::nullopt, "tanaka"}) == "admin:root (login: tanaka)");
  CHECK(administrator_name({"root", true, std::nullopt, "root"}) == "admin:root");
  CHECK(administrator_name({"suzuki", false, std::nullopt, "suzuki"}) == "admin:suzuki");
}

TEST_CASE("SUDO_USER is believed from root alone, and cannot forge a line", "[cli]") {
  CHECK(administrator_name({"suzuki", false, "tanaka", std::nullopt}) == "admin:suzuki");
  const std::string name = administrator_name({"root", true, "a\nb\033", std::nullopt});
  CHECK(name == "admin:root (sudo: a\\x0ab\\x1b)");
}

TEST_CASE("the language follows LC_ALL, then LC_MESSAGES, then LANG", "[cli]") {
  ::unsetenv("LC_ALL");
  ::unsetenv("LC_MESSAGES");
  ::setenv("LANG", "ja_JP.UTF-8", 1);
  CHECK(language_of_environment() == Language::kJapanese);
  ::setenv("LC_MESSAGES", "C", 1);
  CHECK(language_of_environment() == Language::kEnglish);
  ::setenv("LC_ALL", "ja", 1);
  CHECK(language_of_environment() == Language::kJapanese);
  ::setenv("LC_ALL", "", 1);
  CHECK(language_of_environment() == Language::kEnglish);
  ::unsetenv("LC_MESSAGES");
  ::unsetenv("LANG");
  CHECK(language_of_environment() == Language::kEnglish);
}

TEST_CASE("errors an administrator meets are told in Japanese", "[cli]") {
  const auto ja = [](const char* message) {
    return error_text({ErrorCode::kInvalid, message}, Language::kJapanese);
  };
  CHECK(ja("there is no user taro") == "利用者 taro はいません");
  CHECK(ja("taro is in the group tax already") == "taro はすでにグループ tax に入っています");
  CHECK(ja("audit row 7 was changed") == "監査ログの 7 行目が書き換えられています");
  CHECK(ja("cancelled") == "取り消しました");
  CHECK(ja("something new") == "受け付けられません: something new");
  CHECK(error_text({ErrorCode::kInvalid, "there is no user x"}, Language::kEnglish) ==
        "there is no user x");
}

TEST_CASE("nobody is shown a statement of the store", "[cli]") {
  for (const char* reason : {"database disk image is malformed", "database is locked", "no news"}) {
    for (const char* place : {"", "/var/lib/sekisho/store.db: "}) {
      const Error error{
          ErrorCode::kCorrupt,
          std::string(place) + "the store refused \"SELECT id FROM users\": " + reason};
      for (const Language language : {Language::kEnglish, Language::kJapanese}) {
        const std::string words = error_text(error, language);
        CAPTURE(words);
        CHECK(words.find("SELECT") == std::string::npos);
        CHECK((words.find("doctor") != std::string::npos ||
               error.message.find("locked") != std::string::npos));
      }
    }
  }
  CHECK(error_text({ErrorCode::kCorrupt,
                    "the store refused \"SELECT id\": database disk image is malformed"},
                   Language::kEnglish) ==
        "the store is damaged: look with sekisho doctor, then restore a copy");
}

TEST_CASE("no sentence is told in the words of another", "[cli]") {
  const auto put_in = [](std::string text, std::string_view hole) {
    for (std::size_t at = 0; (at = text.find(hole)) != std::string::npos;) {
      text.replace(at, hole.size(), "zeimu-03");
    }
    return text;
  };
  for (const auto sentences : {error_sentences(), key_sentences(), usage_sentences()}) {
    for (const Sentence& sentence : sentences) {
      const std::string message = put_in(std::string(sentence.pattern), "{}");
      for (const Language language : {Language::kJapanese, Language::kEnglish}) {
        const bool is_as_written = language == Language::kEnglish && sentence.en.empty();
        std::string words(language == Language::kJapanese ? sentence.ja : sentence.en);
        for (const char* hole : {"{}", "{0}", "{1}", "{2}"}) words = put_in(words, hole);
        CAPTURE(sentence.pattern);
        CHECK(told(sentences, message, language == Language::kJapanese) ==
              (is_as_written ? message : words));
      }
    }
  }
}

TEST_CASE("a number of a thing is 1 or more, and no other text", "[cli]") {
  CHECK(number_objection("1").empty());
  CHECK(number_objection("9223372036854775807").empty());
  for (const char* text : {"", "0", "-1", "abc", "1.5", "1e3", "9223372036854775808"}) {
    CHECK(number_objection(text) == std::string(text) + " is not a number like 12");
  }
}

TEST_CASE("every kind of error has its exit code", "[cli]") {
  CHECK(exit_of({ErrorCode::kInvalid, ""}) == Exit::kRefused);
  CHECK(exit_of({ErrorCode::kNotFound, ""}) == Exit::kNotFound);
  CHECK(exit_of({ErrorCode::kAlreadyExists, ""}) == Exit::kConflict);
  CHECK(exit_of({ErrorCode::kConflict, ""}) == Exit::kConflict);
  CHECK(exit_of({ErrorCode::kUnavailable, ""}) == Exit::kNotConfirmed);
  for (const ErrorCode code : {ErrorCode::kBusy, ErrorCode::kFull, ErrorCode::kCorrupt,
                               ErrorCode::kUnsupported, ErrorCode::kDenied, ErrorCode::kInternal}) {
    CHECK(exit_of({code, ""}) == Exit::kDeployment);
  }
}

}  // namespace
}  // namespace sekisho::cli
