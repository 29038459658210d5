#include "agent/messages.h"

#include <stdlib.h>
#include <time.h>

#include "protocol/conversation.h"
#include "tests/support/catch.h"

namespace sekisho::agent {
namespace {

using conversation::Language;
using namespace std::chrono_literals;

// 2026-11-24 12:00:00 in UTC, where these tests are.
Instant noon() {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  return instant_of(1'795'521'600'000);
}

TEST_CASE("every text is there in both languages, and fits where PAM shows it", "[agent]") {
  for (int i = 0; i <= static_cast<int>(Message::kKeyBroken); ++i) {
    for (const Language language : {Language::kJapanese, Language::kEnglish}) {
      const std::string text = text_of(static_cast<Message>(i), language);
      INFO(i);
      CHECK_FALSE(text.empty());
      CHECK(conversation::is_shown_text(text));
    }
  }
}

TEST_CASE("a PIN's prompt and refusal do without a number where the key tells none", "[agent]") {
  CHECK(pin_prompt(std::nullopt, Language::kEnglish) == "Security key PIN (then touch your key): ");
  CHECK(pin_prompt(std::nullopt, Language::kJapanese) ==
        "セキュリティキーの PIN (入力後に鍵に触れてください): ");
  CHECK(wrong_pin(std::nullopt, Language::kEnglish) == "Wrong PIN. Log in again.");
  CHECK(wrong_pin(std::nullopt, Language::kJapanese) ==
        "PIN が違います。もう一度ログインしてください。");
}

TEST_CASE("the PIN of a key that tells no owner is asked for with a warning", "[agent]") {
  CHECK(doubtful_pin_prompt(1, "Blue\nkey", Language::kEnglish) ==
        "Security key PIN (only if \"Blue\\x0akey\" is yours and no other key is plugged in; "
        "1 try left; then touch your key): ");
  CHECK(doubtful_pin_prompt(8, "青い鍵", Language::kJapanese) ==
        "セキュリティキーの PIN (「青い鍵」が自分の鍵のときだけ、ほかの鍵は抜いて入力、残り 8 "
        "回、入力後に鍵に触れてください): ");
}

TEST_CASE("a PIN that is too short is told how long it must be", "[agent]") {
  CHECK(short_pin(6, Language::kEnglish) ==
        "This key's PIN has 6 characters or more. Nothing was sent to the key; log in again.");
  CHECK(short_pin(6, Language::kJapanese) ==
        "この鍵の PIN は 6 文字以上です。鍵には送っていません。もう一度ログインしてください。");
}

TEST_CASE("a lock ends at the whole minute after it, and what comes next is said", "[agent]") {
  const Instant now = noon();
  CHECK(locked_until(now + 15min + 22s, now, Language::kEnglish) ==
        "Locked after too many failures until 12:16. Try again then, or tell your administrator.");
  CHECK(locked_until(now + 15min, now, Language::kJapanese) ==
        "失敗が続いたため 12:15 "
        "までロックされています。その時刻を過ぎてからやり直すか、情報システム担当に連絡してください"
        "。");
}

TEST_CASE("a lock that ends on another day says which", "[agent]") {
  const Instant now = noon();
  const std::string text = locked_until(now + 12h - 30s, now, Language::kEnglish);
  CHECK(text.find("until 2026-11-25 00:00.") != std::string::npos);
}

}  // namespace
}  // namespace sekisho::agent
