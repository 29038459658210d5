#include "agent/key_threads.h"

#include <vector>

#include "tests/support/catch.h"

namespace sekisho::agent {
namespace {

TEST_CASE("one user's calls to keys leave turns for the others", "[agent][key]") {
  KeyTurns turns;
  std::vector<KeyTurns::Turn> taken;
  const auto takes = [&](uid_t user, std::size_t most) {
    for (std::size_t i = 0; i < most; ++i) {
      std::optional<KeyTurns::Turn> turn = turns.take(user);
      REQUIRE(turn);
      taken.push_back(std::move(*turn));
    }
    return !turns.take(user);
  };
  CHECK(takes(1000, KeyTurns::kMostOfOneUser));
  CHECK(takes(0, KeyTurns::kMostOfRoot));
  CHECK_FALSE(turns.take(1001));  // none is left at all
  taken.pop_back();
  CHECK(takes(1001, 1));
  taken.clear();
  CHECK(takes(1000, KeyTurns::kMostOfOneUser));
}

}  // namespace
}  // namespace sekisho::agent
