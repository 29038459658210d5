#include "settings/holidays.h"

#include "tests/support/catch.h"

namespace sekisho::settings {
namespace {

using std::chrono::sys_days;
using std::chrono::year;

std::vector<sys_days> days(std::string_view text) {
  const auto found = read_holidays(text);
  REQUIRE(found);
  return *found;
}

std::string problem(std::string_view text) {
  const auto found = read_holidays(text);
  REQUIRE_FALSE(found);
  return found.error().message;
}

TEST_CASE("dates are read from the beginning of each line, whatever follows", "[settings]") {
  CHECK(days("2026-11-23 勤労感謝の日\n2026/1/1,元日\r\n# remark\n\n2026-11-23\n") ==
        std::vector<sys_days>{year(2026) / 1 / 1, year(2026) / 11 / 23});
}

TEST_CASE("the Cabinet Office's list is read as it is, heading and Shift_JIS and all",
          "[settings]") {
  CHECK(days("\x8d\x91\x96\xaf\x82\xcc\x8f\x6a\x93\xfa,\x96\xbc\x8f\xcc\r\n"
             "2026/2/11,\x8c\x9a\x8d\x91\x8b\x4c\x94\x4f\x82\xcc\x93\xfa\r\n") ==
        std::vector<sys_days>{year(2026) / 2 / 11});
  CHECK(days("\xef\xbb\xbf"
             "2026/2/11,建国記念の日\r\n") == std::vector<sys_days>{year(2026) / 2 / 11});
}

TEST_CASE("a line that is no date is named, and so is a file without any", "[settings]") {
  CHECK(problem("2026-11-23\n23 November\n") ==
        "line 2 does not begin with a date like 2026-11-23");
  for (const char* line : {"2026-02-30", "2026-13-01", "2026-11-0", "2026-11/23", "26-11-2300",
                           "2026-11-23x", "-026-11-23"}) {
    INFO(line);
    CHECK(problem("heading\n" + std::string(line) + "\n").starts_with("line 2 "));
  }
  CHECK(problem("") == "it names no day");
  CHECK(problem("heading\n") == "it names no day");
}

}  // namespace
}  // namespace sekisho::settings
