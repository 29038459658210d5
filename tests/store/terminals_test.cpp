#include "store/terminals.h"

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

const Digest kToken = sha256("token");
const Digest kOtherToken = sha256("other token");

struct WithInvitation : TestStore {
  TerminalId id = must((*this)->terminals().add("t1", kToken, clock.now() + 1h, clock.now()));
  std::optional<Terminal> join(const Digest& token = kToken) {
    return must((*this)->terminals().join(token, clock.now()));
  }
};

TEST_CASE("a terminal's name is taken once", "[store]") {
  WithInvitation test;
  CHECK_THAT(
      outcome_of(test->terminals().add("t1", kOtherToken, test.clock.now() + 1h, test.clock.now())),
      has("already_exists: "));
}

TEST_CASE("a join token works once", "[store]") {
  WithInvitation test;
  CHECK(test.join());
  CHECK_FALSE(test.join());
}

TEST_CASE("a join token that was never given out is refused", "[store]") {
  WithInvitation test;
  CHECK_FALSE(test.join(kOtherToken));
  CHECK_FALSE(test.join(Digest{}));
}

TEST_CASE("a join token is refused from the moment it expires", "[store]") {
  WithInvitation test;
  test.clock.advance(1h);
  CHECK_FALSE(test.join());
  test.clock.advance(-1ms);
  CHECK(test.join());
}

TEST_CASE("revoking a terminal ends its waiting join token", "[store]") {
  WithInvitation test;
  CHECK(must(test->terminals().revoke(test.id, test.clock.now())));
  CHECK_FALSE(test.join());
}

TEST_CASE("of many processes that join with one token at once, exactly one wins", "[store]") {
  WithInvitation test;
  test.close();
  const auto codes = run_forked(12, [&](int, const std::function<void()>& wait_for_start) {
    Store store = test.another();
    wait_for_start();
    const auto joined = store.terminals().join(kToken, test.clock.now());
    return joined ? (joined->has_value() ? 1 : 0) : 2;
  });
  CHECK(std::count(codes.begin(), codes.end(), 1) == 1);
  CHECK(std::count(codes.begin(), codes.end(), 0) == 11);
  test.open();
  CHECK(must(test->terminals().find(test.id))->generation == 1);
}

TEST_CASE("a terminal is revoked once, and stays so", "[store]") {
  WithInvitation test;
  test.join();
  CHECK(must(test->terminals().revoke(test.id, test.clock.now())));
  const Instant first = test.clock.now();
  test.clock.advance(1h);
  CHECK_FALSE(must(test->terminals().revoke(test.id, test.clock.now())));
  CHECK(must(test->terminals().find("t1"))->revoked_at == first);
}

TEST_CASE("a new token ends the old token, the join and the older certificates", "[store]") {
  WithInvitation test;
  must(test->terminals().invite_again(test.id, kOtherToken, test.clock.now() + 1h));
  CHECK_FALSE(test.join(kToken));
  const Terminal waiting = must(test->terminals().find(test.id)).value();
  CHECK_FALSE(waiting.joined_at);
  const Terminal joined = test.join(kOtherToken).value();
  CHECK(joined.generation > waiting.generation);
}

TEST_CASE("a terminal that is not there cannot be invited again", "[store]") {
  WithInvitation test;
  CHECK(outcome_of(test->terminals().invite_again({4711}, kOtherToken, test.clock.now())) ==
        "not_found: no such terminal");
}

TEST_CASE("a joined terminal has its generation, its time and no token", "[store]") {
  WithInvitation test;
  const Terminal joined = test.join().value();
  CHECK(joined.id == test.id);
  CHECK(joined.name == "t1");
  CHECK(joined.generation == 1);
  CHECK(joined.joined_at == test.clock.now());
  CHECK_FALSE(joined.token_expires_at);
  CHECK_FALSE(joined.revoked_at);
  must(test->terminals().note_certificate(test.id, test.clock.now() + 2160h));
  CHECK(must(test->terminals().list()).front().certificate_expires_at == test.clock.now() + 2160h);
}

}  // namespace
}  // namespace sekisho::store
