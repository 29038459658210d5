// Times are written as RFC 3339 wants them.

#include "base/clock.h"

#include "tests/support/catch.h"

namespace sekisho {
namespace {

TEST_CASE("a time is written with all its digits, in UTC", "[base][clock]") {
  CHECK(rfc3339(instant_of(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(rfc3339(instant_of(1'763'886'000'123)) == "2025-11-23T08:20:00.123Z");
  CHECK(rfc3339(instant_of(-1)) == "1969-12-31T23:59:59.999Z");
  CHECK(rfc3339(instant_of(20'000'000'000'000)) == "2603-10-11T11:33:20.000Z");
}

TEST_CASE("a year before 1000 has four digits", "[base][clock]") {
  CHECK(rfc3339(instant_of(-52'545'685'200'000)) == "0304-11-23T08:20:00.000Z");
}

}  // namespace
}  // namespace sekisho
