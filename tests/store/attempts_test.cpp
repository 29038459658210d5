#include "store/attempts.h"

#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using namespace std::chrono_literals;
using testing::must;
using testing::TestStore;

const AttemptKey kKey{"user:7", "totp", "10.1.2.3"};

TEST_CASE("there are no failures before the first, nor a block", "[store]") {
  TestStore test;
  const AttemptCount count = must(test->attempts().count(kKey));
  CHECK(count.failures == 0);
  CHECK(count.blocked_until == Instant());
}

TEST_CASE("failures are kept for each subject, factor and source", "[store]") {
  TestStore test;
  must(test->attempts().set(kKey, {3, test.clock.now(), test.clock.now() + 2s}));
  CHECK(must(test->attempts().count({"user:8", "totp", "10.1.2.3"})).failures == 0);
  CHECK(must(test->attempts().count({"user:7", "password", "10.1.2.3"})).failures == 0);
  CHECK(must(test->attempts().count({"user:7", "totp", "10.1.2.4"})).failures == 0);
  CHECK(must(test->attempts().count(kKey)).failures == 3);
}

TEST_CASE("failures survive a restart and are seen by another process's connection", "[store]") {
  TestStore test;
  must(test->attempts().set(kKey, {4, test.clock.now(), test.clock.now() + 2s}));
  Store other = test.another();
  CHECK(must(other.attempts().count(kKey)).failures == 4);
  test.reopen();
  const AttemptCount count = must(test->attempts().count(kKey));
  CHECK(count.failures == 4);
  CHECK(count.last_failure_at == test.clock.now());
  CHECK(count.blocked_until == test.clock.now() + 2s);
}

TEST_CASE("clearing forgets one row, or all of one subject", "[store]") {
  TestStore test;
  const AttemptKey everywhere{"user:7", "totp", "*"};
  const AttemptKey other{"user:70", "totp", "*"};
  for (const AttemptKey& key : {kKey, everywhere, other}) {
    must(test->attempts().set(key, {1, test.clock.now(), {}}));
  }
  must(test->attempts().clear(kKey));
  CHECK(must(test->attempts().count(kKey)).failures == 0);
  CHECK(must(test->attempts().of_subject("user:7")).size() == 1);
  CHECK(must(test->attempts().clear_subject("user:7")) == 1);
  CHECK(must(test->attempts().count(everywhere)).failures == 0);
  CHECK(must(test->attempts().count(other)).failures == 1);
}

TEST_CASE("only old rows without a block are purged, and no one's failures everywhere", "[store]") {
  TestStore test;
  const Instant now = test.clock.now();
  const AttemptKey recent{"user:1", "totp", "10.1.2.3"};
  const AttemptKey blocked{"user:2", "totp", "10.1.2.3"};
  const AttemptKey everywhere{"user:3", "totp", "*"};
  const AttemptKey old{"user:4", "totp", "10.1.2.3"};
  const AttemptKey old_source{"*", "*", "10.1.2.3"};
  must(test->attempts().set(recent, {1, now, {}}));
  must(test->attempts().set(blocked, {1, now - 2h, now + 1h}));
  must(test->attempts().set(everywhere, {1, now - 2h, {}}));
  must(test->attempts().set(old, {99, now - 2h, {}}));
  must(test->attempts().set(old_source, {99, now - 2h, {}}));
  CHECK(must(test->attempts().purge(now - 1h)) == 2);
  CHECK(must(test->attempts().count(old)).failures == 0);
  CHECK(must(test->attempts().count(old_source)).failures == 0);
  CHECK(must(test->attempts().count(everywhere)).failures == 1);
}

TEST_CASE("refusals are told at once, and then counted until the time has passed", "[store]") {
  TestStore test;
  const auto refuse = [&] {
    return must(test->attempts().count_refusal(kKey, 1min, test.clock.now()));
  };
  CHECK_FALSE(refuse());  // nothing was counted with this key
  must(test->attempts().set(kKey, {5, test.clock.now(), test.clock.now() + 15min}));
  CHECK(refuse() == 1);
  CHECK_FALSE(refuse());
  test.clock.advance(59s);
  CHECK_FALSE(refuse());
  test.clock.advance(1s);
  CHECK(refuse() == 3);
  CHECK(must(test->attempts().count(kKey)).failures == 5);
}

}  // namespace
}  // namespace sekisho::store
