#include "store/totp_credentials.h"

#include <atomic>
#include <barrier>
#include <thread>

#include "base/encoding.h"
#include "tests/support/forked.h"
#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using testing::has;
using testing::must;
using testing::outcome_of;
using testing::run_and_kill;
using testing::run_forked;
using testing::TestStore;

constexpr std::string_view kSeed = "12345678901234567890";

struct WithCredential : TestStore {
  UserId user = add_user();
  TotpCredentialId id = add_totp(user, kSeed);
  bool consume(std::int64_t step) {
    return must((*this)->totp_credentials().consume_step(id, step, {}, clock.now()));
  }
  std::string secret_outcome() { return outcome_of((*this)->totp_credentials().secret(id)); }
};

TEST_CASE("a sealed seed that was moved to another user does not open", "[store]") {
  WithCredential test;
  test.add_user("taro");
  test.sql("UPDATE totp_credentials SET user_id = (SELECT id FROM users WHERE name = 'taro')");
  CHECK_THAT(test.secret_outcome(), has("corrupt: a sealed value does not open with key k1"));
}

TEST_CASE("a sealed seed whose parameters were changed does not open", "[store]") {
  for (const char* change : {"digits = 8", "period = 60", "algorithm = 'SHA256'",
                             "handle = x'000102030405060708090a0b0c0d0e0f'"}) {
    WithCredential test;
    test.sql("UPDATE totp_credentials SET " + std::string(change));
    INFO(change);
    CHECK_THAT(test.secret_outcome(), has("corrupt: a sealed value does not open with key k1"));
  }
}

TEST_CASE("a sealed seed that was swapped with another user's does not open", "[store]") {
  WithCredential test;
  const auto other = test.add_totp(test.add_user("taro"), "09876543210987654321");
  test.sql(
      "CREATE TEMP TABLE seals AS SELECT id, key_id, sealed_secret FROM totp_credentials; "
      "UPDATE totp_credentials SET sealed_secret = (SELECT sealed_secret FROM seals "
      "WHERE seals.id <> totp_credentials.id)");
  CHECK_THAT(test.secret_outcome(), has("corrupt: "));
  CHECK_THAT(outcome_of(test->totp_credentials().secret(other)), has("corrupt: "));
}

TEST_CASE("a sealed seed carried to another store with the same key does not open", "[store]") {
  WithCredential test;
  const std::string path = test.folder.file("second.db");
  Store second = must(Store::create(path, test.keyring, test.random, test.clock.now()));
  must(second.users().add("hanako", "", test.clock.now()));
  must(second.database().script("ATTACH '" + test.path +
                                "' AS first; INSERT INTO "
                                "main.totp_credentials SELECT * FROM first.totp_credentials"));
  CHECK_THAT(outcome_of(second.totp_credentials().secret(test.id)), has("corrupt: "));
}

TEST_CASE("a seed sealed under a key that is no longer there is not found, and says which",
          "[store]") {
  WithCredential test;
  test.sql("UPDATE totp_credentials SET key_id = 'k9'");
  CHECK(test.secret_outcome() == "not_found: the key file has no key with the id k9");
}

TEST_CASE("the same seed is not enrolled twice, for the same user or for another", "[store]") {
  WithCredential test;
  const UserId taro = test.add_user("taro");
  for (const UserId user : {test.user, taro}) {
    CHECK(outcome_of(test->totp_credentials().add({user, "x", "SHA256", 8, 60, true}, Secret(kSeed),
                                                  test.clock.now())) ==
          "already_exists: this seed already belongs to a credential");
  }
}

TEST_CASE("the same seed is not enrolled twice after the sealing key was changed", "[store]") {
  WithCredential test;
  test.rotate_keys("k2");
  CHECK(outcome_of(test->totp_credentials().add({test.user, "b", "SHA1", 6, 30, true},
                                                Secret(kSeed), test.clock.now())) ==
        "already_exists: this seed already belongs to a credential");
}

TEST_CASE("a seed that was removed and comes back accepts no step a second time", "[store]") {
  WithCredential test;
  CHECK(test.consume(1000));
  must(test->users().remove(test.user));
  test.id = test.add_totp(test.add_user("taro"), kSeed);
  CHECK_FALSE(test.consume(1000));
  CHECK(test.consume(1001));
  must(test->totp_credentials().remove(test.id));
  test.id = test.add_totp(must(test->users().find("taro"))->id, kSeed);
  CHECK_FALSE(test.consume(1001));
  CHECK(test.consume(1002));
}

TEST_CASE("parameters outside the standards are refused by the schema", "[store]") {
  TestStore test;
  const UserId user = test.add_user();
  const auto refused = [&](std::string algorithm, int digits, int period) {
    const auto added = test->totp_credentials().add(
        {user, "x", std::move(algorithm), digits, period, true}, Secret(kSeed), test.clock.now());
    CHECK_THAT(outcome_of(added), has("invalid: "));
  };
  refused("MD5", 6, 30);
  refused("SHA1", 5, 30);
  refused("SHA1", 7, 30);
  refused("SHA1", 6, 0);
  refused("SHA1", 6, 121);
}

TEST_CASE("a step is accepted once", "[store]") {
  WithCredential test;
  CHECK(test.consume(1000));
  CHECK_FALSE(test.consume(1000));
}

TEST_CASE("a step before an accepted one is refused, also when it was never used", "[store]") {
  WithCredential test;
  CHECK(test.consume(1000));
  CHECK_FALSE(test.consume(999));
  CHECK_FALSE(test.consume(-1));
  CHECK(test.consume(1001));
}

TEST_CASE("a step of a credential that is not there is not accepted", "[store]") {
  WithCredential test;
  CHECK_FALSE(must(test->totp_credentials().consume_step({4711}, 1000, {}, test.clock.now())));
}

TEST_CASE("an accepted step stays accepted after a restart", "[store]") {
  WithCredential test;
  CHECK(test.consume(1000));
  test.reopen();
  CHECK_FALSE(test.consume(1000));
}

TEST_CASE("accepting a step does not use up another credential's", "[store]") {
  WithCredential test;
  const auto other = test.add_totp(test.user, "09876543210987654321");
  CHECK(test.consume(1000));
  CHECK(must(test->totp_credentials().consume_step(other, 1000, {}, test.clock.now())));
}

TEST_CASE("of many threads that present one step at once, exactly one wins", "[store]") {
  WithCredential test;
  constexpr int kThreads = 8;
  constexpr int kRounds = 25;
  std::vector<Store> stores;
  for (int i = 0; i < kThreads; ++i) stores.push_back(test.another());
  std::array<std::atomic<int>, kRounds> wins{};
  std::atomic<int> errors{0};
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < kRounds; ++round) {
        start.arrive_and_wait();
        const auto won = stores[static_cast<std::size_t>(i)].totp_credentials().consume_step(
            test.id, 1000 + round, {}, test.clock.now());
        if (!won) {
          ++errors;
        } else if (*won) {
          ++wins[static_cast<std::size_t>(round)];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(errors == 0);
  for (const std::atomic<int>& count : wins) CHECK(count == 1);
}

TEST_CASE("of many processes that present one step at once, exactly one wins", "[store]") {
  WithCredential test;
  test.close();
  for (std::int64_t step = 1000; step < 1005; ++step) {
    const auto codes = run_forked(12, [&](int, const std::function<void()>& wait_for_start) {
      Store store = test.another();
      wait_for_start();
      const auto won = store.totp_credentials().consume_step(test.id, step, {}, test.clock.now());
      return won ? (*won ? 1 : 0) : 2;
    });
    CHECK(std::count(codes.begin(), codes.end(), 1) == 1);
    CHECK(std::count(codes.begin(), codes.end(), 0) == 11);
  }
}

TEST_CASE("a step accepted by a process that was then killed stays accepted", "[store]") {
  WithCredential test;
  test.close();
  run_and_kill([&] {
    Store store = test.another();
    if (!must(store.totp_credentials().consume_step(test.id, 1000, {}, test.clock.now()))) _exit(1);
  });
  test.open();
  CHECK_FALSE(test.consume(1000));
  CHECK(test.consume(1001));
  must(test->check_integrity());
}

TEST_CASE("a step whose process was killed before commit was never accepted", "[store]") {
  WithCredential test;
  test.close();
  run_and_kill([&] {
    Store store = test.another();
    const Transaction transaction = must(store.begin());
    if (!must(store.totp_credentials().consume_step(test.id, 1000, {}, test.clock.now()))) _exit(1);
    kill(getpid(), SIGKILL);
  });
  test.open();
  CHECK(test.consume(1000));
  must(test->check_integrity());
}

TEST_CASE("a seed comes back as it was given, under its own row", "[store]") {
  WithCredential test;
  CHECK(must(test->totp_credentials().secret(test.id)).reveal_text() == kSeed);
  const TotpCredential credential = must(test->totp_credentials().find(test.id)).value();
  CHECK(credential.user == test.user);
  CHECK(credential.label == "phone");
  CHECK(credential.algorithm == "SHA1");
  CHECK(credential.last_step == -1);
  CHECK(credential.confirmed_at == test.clock.now());
}

TEST_CASE("a seed opens after the sealing key was changed, and new ones use the new key",
          "[store]") {
  WithCredential test;
  test.rotate_keys("k2");
  CHECK(must(test->totp_credentials().secret(test.id)).reveal_text() == kSeed);
  test.add_totp(test.user, "09876543210987654321");
  CHECK(test.number("SELECT count(*) FROM totp_credentials WHERE key_id = 'k2'") == 1);
}

TEST_CASE("a consumed step leaves its drift and time", "[store]") {
  WithCredential test;
  CHECK(must(test->totp_credentials().consume_step(test.id, 1000, {-3, 2}, test.clock.now())));
  const TotpCredential credential = must(test->totp_credentials().find(test.id)).value();
  CHECK(credential.last_step == 1000);
  CHECK(credential.drift.steps == -3);
  CHECK(credential.drift.behind == 2);
  CHECK(credential.last_used_at == test.clock.now());
}

TEST_CASE("confirming a credential again does not change when it was confirmed", "[store]") {
  WithCredential test;
  const Instant first = test.clock.now();
  test.clock.advance(std::chrono::hours(1));
  must(test->totp_credentials().confirm(test.id, test.clock.now()));
  CHECK(must(test->totp_credentials().find(test.id))->confirmed_at == first);
}

TEST_CASE("a removed credential has no seed any more", "[store]") {
  WithCredential test;
  CHECK(must(test->totp_credentials().remove(test.id)));
  CHECK_FALSE(must(test->totp_credentials().remove(test.id)));
  CHECK(test.secret_outcome() == "not_found: no such TOTP credential");
  CHECK(must(test->totp_credentials().list(test.user)).empty());
}

}  // namespace
}  // namespace sekisho::store
