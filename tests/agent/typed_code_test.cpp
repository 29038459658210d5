#include "agent/typed_code.h"

#include "agent/messages.h"
#include "protocol/conversation.h"
#include "tests/support/catch.h"

namespace sekisho::agent {
namespace {

using conversation::Language;
using terminal_api::Factor;

std::string read(std::string_view typed) {
  const std::optional<TypedCode> code = read_typed_code(Secret(typed));
  if (!code) return "none";
  return std::string(terminal_api::name_of(code->factor)) + " " +
         std::string(code->code.reveal_text());
}

TEST_CASE("six or eight digits are a one-time code, however they are grouped", "[agent]") {
  CHECK(read("123456") == "totp 123456");
  CHECK(read("12345678") == "totp 12345678");
  CHECK(read(" 123 456 ") == "totp 123456");
  CHECK(read("123-456") == "totp 123456");
  CHECK(read("１２３４５６") == "totp 123456");
  CHECK(read("１２３　４５６") == "totp 123456");
}

TEST_CASE("sixteen base32 characters are a recovery code", "[agent]") {
  CHECK(read("abcd-efgh-ijkl-mn23") == "recovery ABCDEFGHIJKLMN23");
  CHECK(read("2222222222222222") == "recovery 2222222222222222");
}

TEST_CASE("anything else is no code and is not sent", "[agent]") {
  for (const std::string_view typed :
       {"", " ", "12345", "1234567", "123456789", "12345a", "correct horse battery",
        "ABCDEFGHIJKLMN01", "ABCDEFGHIJKLMN2", "\b\n\r\x7f", "\xff\xff\xff\xff\xff\xff"}) {
    INFO(typed);
    CHECK(read(typed) == "none");
  }
  CHECK(read(std::string(65, '1')) == "none");
  CHECK(read(std::string_view("12345\0", 6)) == "none");
}

TEST_CASE("every message exists in both languages and can be shown", "[agent]") {
  for (int i = 0; i <= static_cast<int>(Message::kBusy); ++i) {
    for (const Language language : {Language::kJapanese, Language::kEnglish}) {
      const std::string text = text_of(static_cast<Message>(i), language);
      CHECK_FALSE(text.empty());
      CHECK(conversation::is_shown_text(text));
    }
  }
}

TEST_CASE("the last login is told with its place and the failures since", "[agent]") {
  terminal_api::FinishResponse response;
  CHECK(last_login(response, Language::kEnglish).empty());
  response.failures_since = 0;
  CHECK(last_login(response, Language::kEnglish).empty());
  response.last_login = instant_of(1'763'886'000'000);
  response.last_login_from = "zeimu-03\x1b[2J";
  response.failures_since = 3;
  const std::string english = last_login(response, Language::kEnglish);
  CHECK(english.find("Last login: 2025-11-2") == 0);
  CHECK(english.find("from zeimu-03\\x1b[2J") != std::string::npos);
  CHECK(english.find("Failed attempts since then: 3") != std::string::npos);
  const std::string japanese = last_login(response, Language::kJapanese);
  CHECK(japanese.find("前回のログイン") == 0);
  CHECK(japanese.find("3 回") != std::string::npos);
  CHECK(conversation::is_shown_text(japanese));
  response.last_login_from = std::string(256, 'x');
  CHECK(conversation::is_shown_text(last_login(response, Language::kJapanese)));
}

TEST_CASE("a lock of another day is told with its date", "[agent]") {
  const Instant now = instant_of(1'763'886'000'000);
  const std::string soon = locked_until(now + std::chrono::minutes(1), now, Language::kEnglish);
  const std::string later = locked_until(now + std::chrono::hours(48), now, Language::kEnglish);
  CHECK(later.size() > soon.size());
  CHECK(later.find("2025-11-2") != std::string::npos);
}

}  // namespace
}  // namespace sekisho::agent
