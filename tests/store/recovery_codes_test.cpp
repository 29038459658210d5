#include "store/recovery_codes.h"

#include "tests/support/forked.h"
#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using testing::has;
using testing::must;
using testing::outcome_of;
using testing::run_forked;
using testing::TestStore;

const Bytes kFirst(32, 1);
const Bytes kSecond(32, 2);
const Bytes kForeign(32, 9);

struct WithCodes : TestStore {
  UserId user = add_user();
  WithCodes() { issue({kFirst, kSecond}); }
  void issue(const std::vector<Bytes>& hashes, std::uint8_t salt = 5) {
    must((*this)->recovery_codes().replace(user, {Bytes(16, salt), "k1"}, hashes, clock.now()));
  }
  bool consume(const Bytes& hash) {
    return must((*this)->recovery_codes().consume(user, hash, clock.now()));
  }
};

TEST_CASE("a recovery code works once", "[store]") {
  WithCodes test;
  CHECK(test.consume(kFirst));
  CHECK_FALSE(test.consume(kFirst));
  test.reopen();
  CHECK_FALSE(test.consume(kFirst));
}

TEST_CASE("a recovery code that is nobody's, or another's, is refused", "[store]") {
  WithCodes test;
  const UserId taro = test.add_user("taro");
  CHECK_FALSE(test.consume(kForeign));
  CHECK_FALSE(test.consume(Bytes()));
  CHECK_FALSE(must(test->recovery_codes().consume(taro, kFirst, test.clock.now())));
  CHECK(test.consume(kFirst));
}

TEST_CASE("a new set ends every code of the old one, used or not", "[store]") {
  WithCodes test;
  CHECK(test.consume(kFirst));
  test.issue({kForeign}, 6);
  CHECK_FALSE(test.consume(kFirst));
  CHECK_FALSE(test.consume(kSecond));
  CHECK(must(test->recovery_codes().set(test.user))->salt == Bytes(16, 6));
  CHECK(test.consume(kForeign));
}

TEST_CASE("a set that cannot be written whole leaves the old one in force", "[store]") {
  WithCodes test;
  const auto refused = test->recovery_codes().replace(test.user, {Bytes(16, 6), "k1"},
                                                      {kForeign, Bytes(31, 3)}, test.clock.now());
  CHECK_THAT(outcome_of(refused), has("invalid: "));
  CHECK(must(test->recovery_codes().remaining(test.user)) == 2);
  CHECK(test.consume(kFirst));
}

TEST_CASE("of many processes that present one recovery code at once, exactly one wins", "[store]") {
  WithCodes test;
  test.close();
  const auto codes = run_forked(12, [&](int, const std::function<void()>& wait_for_start) {
    Store store = test.another();
    wait_for_start();
    const auto won = store.recovery_codes().consume(test.user, kFirst, test.clock.now());
    return won ? (*won ? 1 : 0) : 2;
  });
  CHECK(std::count(codes.begin(), codes.end(), 1) == 1);
  CHECK(std::count(codes.begin(), codes.end(), 0) == 11);
}

TEST_CASE("what remains of a set is counted", "[store]") {
  WithCodes test;
  CHECK(must(test->recovery_codes().remaining(test.user)) == 2);
  CHECK(test.consume(kSecond));
  CHECK(must(test->recovery_codes().remaining(test.user)) == 1);
  CHECK(must(test->recovery_codes().remaining({4711})) == 0);
  CHECK_FALSE(must(test->recovery_codes().set({4711})));
}

}  // namespace
}  // namespace sekisho::store
