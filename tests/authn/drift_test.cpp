#include "authn/drift.h"

#include "tests/support/catch.h"

namespace sekisho::authn {
namespace {

// Where the drift stands after codes were seen there, one after the other.
int after(std::initializer_list<int> seen, int most = 10, int from = 0) {
  store::Drift drift{from, 0};
  for (const int step : seen) drift = learnt_drift(drift, step, most);
  return drift.steps;
}

TEST_CASE("a code ahead is learnt at once", "[authn]") {
  CHECK(after({1}) == 1);
  CHECK(after({1, 2}) == 2);
  CHECK(after({0}, 10, -3) == 0);
}

TEST_CASE("codes behind are learnt after three in a row, a step at a time", "[authn]") {
  CHECK(after({-1, -1}) == 0);
  CHECK(after({-1, -1, -1}) == -1);
  CHECK(after({-2, -2, -2}) == -1);
  CHECK(after({-1, -1, 0, -1, -1}) == 0);
  CHECK(after({-1, -1, -1, -2, -2, -2}) == -2);
  CHECK(after({-1, -1, -1, 0}) == 0);
}

TEST_CASE("drift is learnt within the bound, or as far as it was set by hand", "[authn]") {
  CHECK(after({3}, 2) == 2);
  CHECK(after({-1, -1, -1, -1, -1, -1, -1}, 0) == 0);
  CHECK(after({41}, 2, 40) == 40);
  CHECK(after({39, 39, 39}, 2, 40) == 39);
}

}  // namespace
}  // namespace sekisho::authn
