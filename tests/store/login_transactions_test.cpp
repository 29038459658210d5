#include "store/login_transactions.h"

#include "tests/support/forked.h"
#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::must;
using testing::outcome_of;
using testing::run_forked;
using testing::TestStore;

const Digest kId = sha256("transaction");

struct WithTransaction : TestStore {
  TerminalId terminal = add_terminal("t1");
  WithTransaction() { begin(kId); }
  void begin(const Digest& id) {
    must((*this)->login_transactions().add(
        id, {terminal, "hanako", "login", "tty1", "", clock.now() + 60s}));
  }
  std::optional<LoginTransaction> take(TerminalId by, const Digest& id = kId) {
    return must((*this)->login_transactions().take(id, by, clock.now()));
  }
};

TEST_CASE("a login transaction is taken once", "[store]") {
  WithTransaction test;
  CHECK(test.take(test.terminal));
  CHECK_FALSE(test.take(test.terminal));
}

TEST_CASE("a login transaction that was never begun is not taken", "[store]") {
  WithTransaction test;
  CHECK_FALSE(test.take(test.terminal, sha256("other")));
}

TEST_CASE("another terminal cannot take a login transaction, nor spoil it", "[store]") {
  WithTransaction test;
  const TerminalId other = test.add_terminal("t2");
  CHECK_FALSE(test.take(other));
  CHECK(test.take(test.terminal));
}

TEST_CASE("a login transaction is refused from the moment it expires, and is gone", "[store]") {
  WithTransaction test;
  test.clock.advance(60s);
  CHECK_FALSE(test.take(test.terminal));
  test.clock.advance(-1s);
  CHECK_FALSE(test.take(test.terminal));
}

TEST_CASE("a login transaction is good until the millisecond before its end", "[store]") {
  WithTransaction test;
  test.clock.advance(60s - 1ms);
  CHECK(test.take(test.terminal));
}

TEST_CASE("a login transaction of a terminal that is not there is refused", "[store]") {
  WithTransaction test;
  CHECK_THAT(outcome_of(test->login_transactions().add(
                 sha256("other"), {{4711}, "hanako", "login", "", "", test.clock.now() + 60s})),
             has("invalid: "));
}

TEST_CASE("of many processes that take one login transaction at once, exactly one wins",
          "[store]") {
  WithTransaction test;
  test.close();
  const auto codes = run_forked(12, [&](int, const std::function<void()>& wait_for_start) {
    Store store = test.another();
    wait_for_start();
    const auto taken = store.login_transactions().take(kId, test.terminal, test.clock.now());
    return taken ? (taken->has_value() ? 1 : 0) : 2;
  });
  CHECK(std::count(codes.begin(), codes.end(), 1) == 1);
  CHECK(std::count(codes.begin(), codes.end(), 0) == 11);
}

TEST_CASE("a taken login transaction tells what the terminal said, in any bytes", "[store]") {
  WithTransaction test;
  const std::string any("h\0\xff'関", 7);
  must(test->login_transactions().add(
      sha256("other"), {test.terminal, any, "sudo", "pts/3", "10.1.2.3", test.clock.now() + 1s}));
  const LoginTransaction taken = test.take(test.terminal, sha256("other")).value();
  CHECK(taken.claimed_user == any);
  CHECK(taken.service == "sudo");
  CHECK(taken.tty == "pts/3");
  CHECK(taken.remote_host == "10.1.2.3");
}

TEST_CASE("waiting login transactions are counted for each terminal, expired ones are not",
          "[store]") {
  WithTransaction test;
  const TerminalId other = test.add_terminal("t2");
  test.clock.advance(1s);
  test.begin(sha256("second"));
  CHECK(must(test->login_transactions().count(test.terminal, test.clock.now())) == 2);
  CHECK(must(test->login_transactions().count(other, test.clock.now())) == 0);
  test.clock.advance(59s);
  CHECK(must(test->login_transactions().count(test.terminal, test.clock.now())) == 1);
  CHECK(must(test->login_transactions().purge(test.clock.now())) == 1);
  CHECK(test.take(test.terminal, sha256("second")));
}

}  // namespace
}  // namespace sekisho::store
