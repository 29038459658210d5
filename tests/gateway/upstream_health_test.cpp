#include "gateway/upstream_health.h"

#include "tests/support/catch.h"

namespace sekisho::gateway {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a server that is down is tried again by one request at a time", "[gateway]") {
  const auto health = UpstreamHealth::of("http 127.0.0.1 1 tried-again");
  settings::HealthCheck check;
  check.path.clear();
  check.every = 5s;
  check.fall = 1;
  const UpstreamHealth::Time start{1'000s};
  CHECK(health->may_ask(check, start));
  CHECK(health->note_failure(check, start));
  CHECK_FALSE(health->may_ask(check, start + 4s));
  CHECK(health->may_ask(check, start + 5s));
  CHECK_FALSE(health->may_ask(check, start + 5s));  // somebody is at it
  CHECK_FALSE(health->may_ask(check, start + 9s));
  CHECK(health->may_ask(check, start + 10s));  // and has told nothing
  CHECK(health->note_answer(check));
  CHECK(health->may_ask(check, start + 10s));
  CHECK(health->may_ask(check, start + 10s));
}

TEST_CASE("a server that is checked comes back by its checks alone", "[gateway]") {
  const auto health = UpstreamHealth::of("http 127.0.0.1 1 checked");
  settings::HealthCheck check;
  check.path = "/health";
  check.fall = 2;
  check.rise = 2;
  const UpstreamHealth::Time start{1'000s};
  CHECK_FALSE(health->note_failure(check, start));
  CHECK(health->is_up());
  CHECK(health->note_failure(check, start));
  CHECK_FALSE(health->may_ask(check, start + 1h));
  CHECK_FALSE(health->note_answer(check));
  CHECK_FALSE(health->note_good_check(check));
  CHECK(health->note_good_check(check));
  CHECK(health->may_ask(check, start));
}

}  // namespace
}  // namespace sekisho::gateway
