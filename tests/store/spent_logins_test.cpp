#include "store/spent_logins.h"

#include "tests/support/forked.h"
#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using namespace std::chrono_literals;
using testing::must;
using testing::run_forked;
using testing::TestStore;

const Digest kTicket = sha256("ticket");

TEST_CASE("a login is spent once, also after a restart", "[store]") {
  TestStore test;
  CHECK(must(test->spent_logins().spend(kTicket, test.clock.now() + 60s)));
  CHECK_FALSE(must(test->spent_logins().spend(kTicket, test.clock.now() + 90s)));
  CHECK(must(test->spent_logins().spend(sha256("other"), test.clock.now() + 60s)));
  test.reopen();
  CHECK_FALSE(must(test->spent_logins().spend(kTicket, test.clock.now() + 60s)));
}

TEST_CASE("a spent login is remembered until it has expired", "[store]") {
  TestStore test;
  const Instant end = test.clock.now() + 60s;
  must(test->spent_logins().spend(kTicket, end));
  CHECK(must(test->spent_logins().purge(end)) == 0);
  CHECK(must(test->spent_logins().purge(end + 1ms)) == 1);
}

TEST_CASE("of many processes that spend one login at once, exactly one wins", "[store]") {
  TestStore test;
  test.close();
  const auto codes = run_forked(12, [&](int, const std::function<void()>& wait_for_start) {
    Store store = test.another();
    wait_for_start();
    const auto won = store.spent_logins().spend(kTicket, test.clock.now() + 60s);
    return won ? (*won ? 1 : 0) : 2;
  });
  CHECK(std::count(codes.begin(), codes.end(), 1) == 1);
  CHECK(std::count(codes.begin(), codes.end(), 0) == 11);
}

}  // namespace
}  // namespace sekisho::store
