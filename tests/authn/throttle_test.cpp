#include "authn/throttle.h"

#include "tests/support/forked.h"
#include "tests/support/test_store.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::must;
using testing::run_forked;
using testing::TestStore;

const std::string kHanako = "user:1";

struct WithThrottle : TestStore {
  ThrottlePolicy policy;
  Attempt admitted;

  static Attempt attempt(const std::string& source = "10.1.2.3",
                         const std::string& subject = kHanako, Factor factor = Factor::kTotp) {
    return {subject, factor, source};
  }
  std::optional<Verdict> admit(Attempt who) {
    const auto refused = must(Throttle(policy).admit(**this, who, clock.now()));
    if (!refused) admitted = who;
    return refused;
  }
  // An attempt that turns out wrong; what became of it, with the wait until the next in ms.
  std::string guess(const Attempt& who = attempt()) {
    const auto refused = admit(who);
    if (!refused) return "counted";
    std::string text(name_of(refused->outcome));
    text += " " + std::string(name_of(refused->reason));
    if (refused->retry_at) {
      text += " " + std::to_string((*refused->retry_at - clock.now()).count());
    }
    return text;
  }
  // The attempt that was admitted last turns out right.
  void succeed() { must(Throttle(policy).succeed(**this, admitted, clock.now())); }
  void succeed(const Attempt& who) {
    REQUIRE(who.subject == admitted.subject);
    REQUIRE(who.source == admitted.source);
    succeed();
  }
  std::int64_t failures(const store::AttemptKey& key) {
    return must((*this)->attempts().count(key)).failures;
  }
  // `count` guesses, each as soon as it is admitted; the source may differ for each.
  void guess_on(int count, const std::function<Attempt(int)>& who) {
    for (int i = 0; i < count; ++i) {
      while (const auto refused = admit(who(i))) {
        REQUIRE(refused->retry_at);
        clock.set(*refused->retry_at);
      }
    }
  }
  void guess_on(int count) {
    guess_on(count, [](int) { return attempt(); });
  }
};

TEST_CASE("from the third wrong guess on, the next must wait, and each wait is longer", "[authn]") {
  WithThrottle test;
  CHECK(test.guess() == "counted");
  CHECK(test.guess() == "counted");
  CHECK(test.guess() == "counted");
  CHECK(test.guess() == "locked throttled 2000");
  test.clock.advance(2s - 1ms);
  CHECK(test.guess() == "locked throttled 1");
  test.clock.advance(1ms);
  CHECK(test.guess() == "counted");
  CHECK(test.guess() == "locked throttled 4000");
}

TEST_CASE("the fifth wrong guess locks the factor at that source for 15 minutes", "[authn]") {
  WithThrottle test;
  test.guess_on(5);
  CHECK(test.guess() == "locked throttled 900000");
  test.clock.advance(15min - 1ms);
  CHECK(test.guess() == "locked throttled 1");
  test.clock.advance(1ms);
  CHECK(test.guess() == "counted");
}

TEST_CASE("each wrong guess after a lock doubles the lock, up to an hour", "[authn]") {
  WithThrottle test;
  test.guess_on(6);
  CHECK(test.guess() == "locked throttled 1800000");
  test.guess_on(1);
  CHECK(test.guess() == "locked throttled 3600000");
  test.guess_on(1);
  CHECK(test.guess() == "locked throttled 3600000");
}

TEST_CASE("a refused guess is not counted, so nobody can push a lock farther away", "[authn]") {
  WithThrottle test;
  test.guess_on(5);
  const Instant end = test.clock.now() + 15min;
  for (int i = 0; i < 100; ++i) test.guess();
  CHECK(test.failures({kHanako, "totp", "10.1.2.3"}) == 5);
  CHECK(test.admit(test.attempt())->retry_at == end);
}

TEST_CASE("a lock at one source does not lock the person out elsewhere", "[authn]") {
  WithThrottle test;
  test.guess_on(5);
  CHECK(test.guess(test.attempt("terminal:zeimu-03")) == "counted");
}

TEST_CASE("a lock of one factor leaves the other, and one person's leaves another's", "[authn]") {
  WithThrottle test;
  test.guess_on(5);
  CHECK(test.guess(test.attempt("10.1.2.3", kHanako, Factor::kPassword)) == "counted");
  CHECK(test.guess(test.attempt("10.1.2.3", "user:2")) == "counted");
}

TEST_CASE("the tenth wrong guess over all sources delays every source", "[authn]") {
  WithThrottle test;
  for (int i = 0; i < 10; ++i) {
    CHECK(test.guess(test.attempt("10.1.3." + std::to_string(i))) == "counted");
  }
  CHECK(test.guess(test.attempt("10.1.4.1")) == "locked throttled 2000");
  test.clock.advance(2s);
  CHECK(test.guess(test.attempt("10.1.4.1")) == "counted");
  CHECK(test.guess(test.attempt("10.1.4.2")) == "locked throttled 4000");
}

TEST_CASE("the delay over all sources never grows beyond 30 seconds", "[authn]") {
  WithThrottle test;
  test.guess_on(40, [&](int i) { return test.attempt("10.1.3." + std::to_string(i)); });
  CHECK(test.guess(test.attempt("10.1.4.1")) == "locked throttled 30000");
}

TEST_CASE("after 100 wrong guesses over all sources the factor is disabled, and time does not heal",
          "[authn]") {
  WithThrottle test;
  const auto elsewhere = [&](int i) { return test.attempt("10.2.0." + std::to_string(i)); };
  test.guess_on(99, elsewhere);
  test.clock.advance(30s);
  CHECK(test.guess(elsewhere(99)) == "counted");
  CHECK(test.guess(elsewhere(100)) == "locked factor_disabled");
  test.clock.advance(24h * 365);
  CHECK(test.guess(elsewhere(100)) == "locked factor_disabled");
  CHECK(test.guess(test.attempt("10.2.0.1", kHanako, Factor::kPassword)) == "counted");
}

TEST_CASE("the hundredth guess, when right, is in time", "[authn]") {
  WithThrottle test;
  const auto elsewhere = [&](int i) { return test.attempt("10.2.0." + std::to_string(i)); };
  test.guess_on(99, elsewhere);
  test.clock.advance(30s);
  CHECK_FALSE(test.admit(elsewhere(99)));
  test.succeed(elsewhere(99));
  CHECK(test.guess(elsewhere(99)) == "counted");
}

TEST_CASE("a policy may disable earlier than at 100", "[authn]") {
  WithThrottle test;
  test.policy.disable_after = 3;
  test.guess_on(3);
  test.clock.advance(1h);
  CHECK(test.guess(test.attempt("10.9.9.9")) == "locked factor_disabled");
}

TEST_CASE("wrong guesses at many people's accounts delay the source they come from", "[authn]") {
  WithThrottle test;
  for (int i = 0; i < 30; ++i) {
    CHECK(test.guess(test.attempt("10.1.2.3", "user:" + std::to_string(i))) == "counted");
  }
  CHECK(test.guess(test.attempt("10.1.2.3", "user:31")) == "locked throttled 2000");
  CHECK(test.guess(test.attempt("10.1.2.4", "user:31")) == "counted");
}

TEST_CASE("a source that was quiet for longer than its window begins anew", "[authn]") {
  WithThrottle test;
  for (int i = 0; i < 29; ++i) test.guess(test.attempt("10.1.2.3", "user:" + std::to_string(i)));
  test.clock.advance(10min);
  CHECK(test.guess(test.attempt("10.1.2.3", "user:30")) == "counted");  // the 30th, just in time
  CHECK(test.guess(test.attempt("10.1.2.3", "user:31")) == "locked throttled 2000");
  test.clock.advance(10min + 1ms);
  CHECK(test.guess(test.attempt("10.1.2.3", "user:31")) == "counted");
  CHECK(test.failures({"*", "*", "10.1.2.3"}) == 1);
}

TEST_CASE("one's own right login does not clear a source for guessing at others", "[authn]") {
  WithThrottle test;
  for (int i = 0; i < 29; ++i) test.guess(test.attempt("10.1.2.3", "user:" + std::to_string(i)));
  const Attempt own = test.attempt("10.1.2.3", "user:99");
  CHECK_FALSE(test.admit(own));
  test.succeed(own);
  CHECK(test.failures({"*", "*", "10.1.2.3"}) == 29);
  CHECK(test.guess(test.attempt("10.1.2.3", "user:30")) == "counted");
  CHECK(test.guess(test.attempt("10.1.2.3", "user:31")) == "locked throttled 2000");
}

TEST_CASE("nobody is kept from where they always sign in by what others do elsewhere", "[authn]") {
  WithThrottle test;
  const Attempt own = test.attempt("10.1.2.3");
  REQUIRE_FALSE(test.admit(own));
  test.succeed(own);
  test.guess_on(50, [&](int i) { return test.attempt("10.2.0." + std::to_string(i)); });
  CHECK(test.guess(test.attempt("10.3.0.1")) == "locked throttled 30000");
  CHECK_FALSE(test.admit(own));
}

TEST_CASE("nobody is kept from a shared terminal where they always sign in by others there",
          "[authn]") {
  WithThrottle test;
  const Attempt own = test.attempt("10.1.2.3", "user:99");
  REQUIRE_FALSE(test.admit(own));
  test.succeed(own);
  for (int i = 0; i < 31; ++i) test.guess(test.attempt("10.1.2.3", "user:" + std::to_string(i)));
  CHECK(test.guess(test.attempt("10.1.2.3", "user:50")) == "locked throttled 2000");
  CHECK_FALSE(test.admit(own));
}

TEST_CASE("one's own sign-ins do not lift the brake on guessing at others", "[authn]") {
  WithThrottle test;
  const Attempt own = test.attempt("10.1.2.3", "user:99");
  REQUIRE_FALSE(test.admit(own));
  test.succeed(own);
  for (int i = 0; i < 31; ++i) test.guess(test.attempt("10.1.2.3", "user:" + std::to_string(i)));
  const Attempt other = test.attempt("10.1.2.3", "user:50");
  REQUIRE(test.guess(other) == "locked throttled 2000");
  REQUIRE_FALSE(test.admit(own));
  test.succeed(own);
  CHECK(test.guess(other) == "locked throttled 2000");
}

TEST_CASE("a factor set anew makes its old places strange", "[authn]") {
  WithThrottle test;
  const Attempt own = test.attempt("10.1.2.3");
  REQUIRE_FALSE(test.admit(own));
  test.succeed(own);
  must(forget_failures(*test, store::UserId{1}, Factor::kTotp));
  test.guess_on(20, [&](int i) { return test.attempt("10.2.0." + std::to_string(i)); });
  CHECK(test.guess(own).starts_with("locked throttled"));
}

TEST_CASE("a place where one signed in long ago is no longer known, and locks hold at known ones",
          "[authn]") {
  WithThrottle test;
  const Attempt own = test.attempt("10.1.2.3");
  REQUIRE_FALSE(test.admit(own));
  test.succeed(own);
  test.guess_on(5);
  CHECK(test.guess(own).starts_with("locked throttled"));
  test.clock.advance(test.policy.known_source_for);
  test.guess_on(20, [&](int i) { return test.attempt("10.2.0." + std::to_string(i)); });
  CHECK(test.guess(own).starts_with("locked throttled"));
}

TEST_CASE("a host cannot come as many: its whole IPv6 network is one source", "[authn]") {
  WithThrottle test;
  for (int i = 0; i < 3; ++i) test.guess(test.attempt("fd00:1:2:3::" + std::to_string(i + 1)));
  CHECK(test.guess(test.attempt("fd00:1:2:3:ffff::9")) == "locked throttled 2000");
  CHECK(test.guess(test.attempt("fd00:1:2:4::1")) == "counted");
}

TEST_CASE("counts and locks survive a restart", "[authn]") {
  WithThrottle test;
  test.guess_on(5);
  test.reopen();
  CHECK(test.guess() == "locked throttled 900000");
}

TEST_CASE("two connections to one store count together", "[authn]") {
  WithThrottle test;
  store::Store other = test.another();
  const Throttle throttle(test.policy);
  CHECK(test.guess() == "counted");
  Attempt attempt = test.attempt();
  CHECK_FALSE(must(throttle.admit(other, attempt, test.clock.now())));
  CHECK(test.guess() == "counted");
  CHECK(must(throttle.admit(other, attempt, test.clock.now()))->reason == Reason::kThrottled);
}

TEST_CASE("guesses of many processes at once do not outrun the count", "[authn]") {
  WithThrottle test;
  test.close();
  const auto codes = run_forked(16, [&](int, const std::function<void()>& wait_for_start) {
    store::Store store = test.another();
    wait_for_start();
    store::Transaction transaction = must(store.begin());
    Attempt attempt = test.attempt();
    const auto refused = must(Throttle(test.policy).admit(store, attempt, test.clock.now()));
    must(transaction.commit());
    return refused ? 1 : 0;
  });
  CHECK(std::count(codes.begin(), codes.end(), 0) == 3);  // the third begins the wait
  CHECK(std::count(codes.begin(), codes.end(), 1) == 13);
  test.open();
  CHECK(test.failures({kHanako, "totp", "*"}) == 3);
}

TEST_CASE("success forgets the failures of that factor at that source, and of nothing else",
          "[authn]") {
  WithThrottle test;
  const Attempt password = test.attempt("10.1.2.3", kHanako, Factor::kPassword);
  const Attempt elsewhere = test.attempt("10.9.9.9");
  const Attempt other = test.attempt("10.1.2.3", "user:2");
  for (const Attempt& who : {password, elsewhere, other, test.attempt(), test.attempt()}) {
    CHECK(test.guess(who) == "counted");
  }
  CHECK_FALSE(test.admit(test.attempt("10.1.2.3")));
  test.succeed();
  CHECK(test.failures({kHanako, "totp", "10.1.2.3"}) == 0);
  CHECK(test.failures({kHanako, "totp", "*"}) == 0);
  CHECK(test.failures({kHanako, "totp", "10.9.9.9"}) == 1);
  CHECK(test.failures({kHanako, "password", "10.1.2.3"}) == 1);
  CHECK(test.failures({"user:2", "totp", "10.1.2.3"}) == 1);
}

TEST_CASE("an attempt that could not be verified is taken back, and its block with it", "[authn]") {
  WithThrottle test;
  test.guess_on(4);
  test.clock.advance(4s);
  CHECK_FALSE(test.admit(test.attempt()));  // the fifth: locks
  must(Throttle(test.policy).withdraw(*test, test.admitted));
  CHECK(test.failures({kHanako, "totp", "10.1.2.3"}) == 4);
  CHECK(test.failures({kHanako, "totp", "*"}) == 4);
  CHECK(test.failures({"*", "*", "10.1.2.3"}) == 4);
  CHECK(test.guess() == "locked throttled 4000");  // what the four earn
  test.clock.advance(4s);
  CHECK(test.guess() == "counted");
  CHECK(test.guess() == "locked throttled 900000");
}

TEST_CASE("a factor that is set anew begins without failures, everywhere", "[authn]") {
  WithThrottle test;
  test.policy.disable_after = 3;
  test.guess_on(3);
  must(forget_failures(*test, {1}, Factor::kPassword));
  test.clock.advance(1h);
  CHECK(test.guess() == "locked factor_disabled");
  must(forget_failures(*test, {1}, Factor::kTotp));
  CHECK(test.guess() == "counted");
}

TEST_CASE("a store that cannot count admits nobody", "[authn]") {
  WithThrottle test;
  test.sql("DROP TABLE attempts");
  Attempt attempt = test.attempt();
  CHECK_FALSE(Throttle(test.policy).admit(*test, attempt, test.clock.now()));
}

TEST_CASE("an unknown name is counted like a known one, in one of 65536 rows", "[authn]") {
  const Bytes key(32, 7);
  const std::string subject = subject_of_unknown("taro", key);
  CHECK(subject == subject_of_unknown("taro", key));
  CHECK(subject != subject_of_unknown("taro", Bytes(32, 8)));
  CHECK(subject.find("taro") == std::string::npos);
  CHECK(subject.starts_with("unknown:"));
  CHECK(std::stoi(subject.substr(8)) < 65536);
  WithThrottle test;
  test.guess_on(5, [&](int) { return test.attempt("10.1.2.3", subject); });
  CHECK(test.guess(test.attempt("10.1.2.3", subject)) == "locked throttled 900000");
}

}  // namespace
}  // namespace sekisho::authn
