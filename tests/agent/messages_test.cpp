#include "agent/messages.h"

#include <stdlib.h>
#include <time.h>

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

TEST_CASE("a lock ends at the whole minute after it, and what comes next is said", "[agent]") {
  const Instant now = noon();
  CHECK(locked_until(now + 15min + 22s, now, Language::kEnglish) ==
        "Locked after too many failures until 12:16. Try again then, or tell your administrator.");
  CHECK(locked_until(now + 15min, now, Language::kJapanese) ==
        "失敗が続いたため 12:15 "
        "までロックされています。その時刻を過ぎてからやり直すか、管理者に連絡してください。");
}

TEST_CASE("a lock that ends on another day says which", "[agent]") {
  const Instant now = noon();
  const std::string text = locked_until(now + 12h - 30s, now, Language::kEnglish);
  CHECK(text.find("until 2026-11-25 00:00.") != std::string::npos);
}

}  // namespace
}  // namespace sekisho::agent
