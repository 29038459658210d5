#include "gateway/pages/japan_time.h"

#include "tests/support/catch.h"

namespace sekisho::pages {
namespace {

Instant at_seconds(std::int64_t seconds) {
  return Instant(std::chrono::seconds(seconds));
}

TEST_CASE("times are told in Japan's time, whatever the machine's", "[pages]") {
  const Instant at = at_seconds(1795390260);  // 2026-11-22T23:31:00Z
  CHECK(date_and_time(at, Language::kJapanese) == "2026年11月23日（月）8:31");
  CHECK(date_and_time(at, Language::kEnglish) == "Mon 23 Nov 2026, 8:31");
  CHECK(near_time(at, Language::kJapanese) == "11月23日（月）8:31");
  CHECK(near_time(at, Language::kEnglish) == "8:31 on Mon 23 Nov");
  CHECK(date(at, Language::kJapanese) == "2026年11月23日");
  CHECK(date(at, Language::kEnglish) == "23 Nov 2026");
  CHECK(machine_time(at) == "2026-11-23T08:31+09:00");
}

TEST_CASE("the day changes at midnight in Japan", "[pages]") {
  const Instant midnight = at_seconds(1798729200);  // 2026-12-31T15:00:00Z
  CHECK(date_and_time(midnight - std::chrono::milliseconds(1), Language::kJapanese) ==
        "2026年12月31日（木）23:59");
  CHECK(date_and_time(midnight, Language::kJapanese) == "2027年1月1日（金）0:00");
}

TEST_CASE("times far away and before 1970 are told too", "[pages]") {
  CHECK(machine_time(at_seconds(-1)) == "1970-01-01T08:59+09:00");
  CHECK(date(at_seconds(2147483648), Language::kEnglish) == "19 Jan 2038");
  CHECK(date(at_seconds(951782400), Language::kJapanese) == "2000年2月29日");
}

}  // namespace
}  // namespace sekisho::pages
