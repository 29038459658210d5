#include "gateway/source_limits.h"

#include <vector>

#include "tests/support/catch.h"

namespace sekisho::gateway {
namespace {

using namespace std::chrono_literals;
using Places = std::vector<SourceLimits::Place>;

const IpAddress kOne = IpAddress::parse("10.0.0.1").value();
const IpAddress kOther = IpAddress::parse("10.0.0.2").value();
const SourceLimits::Time kStart{1h};

// How many of `count` connections get in, and stay.
int enter(SourceLimits& limits, Places& places, const IpAddress& source, int count,
          const SourceLimits::Most& most, SourceLimits::Time now = kStart) {
  int entered = 0;
  for (int i = 0; i < count; ++i) {
    auto place = limits.enter(source, most, now);
    if (!place) continue;
    places.push_back(std::move(*place));
    ++entered;
  }
  return entered;
}

TEST_CASE("no more connections than there may be, in all and from one source", "[gateway]") {
  SourceLimits limits;
  Places places;
  CHECK(enter(limits, places, kOne, 9, {5, 3, 0}) == 3);
  CHECK(enter(limits, places, kOther, 9, {5, 3, 0}) == 2);
  places.clear();
  CHECK(enter(limits, places, kOther, 9, {5, 3, 0}) == 3);
  CHECK(enter(limits, places, kOne, 9, {5, 0, 0}) == 2);
}

TEST_CASE("a source that opens and closes is held to its pace, and no other with it", "[gateway]") {
  SourceLimits limits;
  const SourceLimits::Most most{100, 100, 10};
  const auto burst = [&](const IpAddress& source, SourceLimits::Time now) {
    Places places;
    return enter(limits, places, source, 30, most, now);
  };
  CHECK(burst(kOne, kStart) == 10);
  CHECK(burst(kOne, kStart) == 0);
  CHECK(burst(kOther, kStart) == 10);
  CHECK(burst(kOne, kStart + 500ms) == 5);
  CHECK(burst(kOne, kStart + 60s) == 10);  // no more in hand than at first
}

TEST_CASE("sources that have gone quiet are forgotten", "[gateway]") {
  SourceLimits limits;
  const SourceLimits::Most most{100'000, 10, 10};
  for (int i = 0; i < 5000; ++i) {
    Places places;
    const std::string address = "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    enter(limits, places, IpAddress::parse(address).value(), 1, most, kStart + i * 10ms);
  }
  CHECK(limits.remembered() < 2100);
}

}  // namespace
}  // namespace sekisho::gateway
