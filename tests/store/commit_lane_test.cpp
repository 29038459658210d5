#include "store/commit_lane.h"

#include <atomic>
#include <future>
#include <latch>

#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using testing::has;
using testing::must;
using testing::outcome_of;
using testing::TestStore;

// A lane whose first job waits, so that what is submitted meanwhile makes one batch.
class HeldLane {
 public:
  explicit HeldLane(TestStore& test, CommitLane::Limits limits = {})
      : lane(test.another(), limits) {
    std::latch holding(1);
    REQUIRE(lane.submit(
        [&](Store&) -> Result<void> {
          holding.count_down();
          release_.wait();
          return {};
        },
        [](Result<void>) {}));
    holding.wait();
  }
  ~HeldLane() { let_go(); }
  void let_go() {
    if (!std::exchange(let_go_, true)) release_.count_down();
  }
  std::future<Result<void>> submit(CommitLane::Job job) {
    auto promise = std::make_shared<std::promise<Result<void>>>();
    auto outcome = promise->get_future();
    REQUIRE(lane.submit(std::move(job),
                        [promise](Result<void> done) { promise->set_value(std::move(done)); }));
    return outcome;
  }

 private:
  std::latch release_{1};
  bool let_go_ = false;

 public:
  CommitLane lane;  // goes first
};

CommitLane::Job add_user(std::string name) {
  return [name = std::move(name)](Store& store) -> Result<void> {
    const auto added = store.users().add(name, "", Instant());
    if (!added) return fail(added.error());
    return {};
  };
}

TEST_CASE("a job that fails leaves no trace, and its neighbours in the batch commit", "[store]") {
  TestStore test;
  HeldLane held(test);
  auto before = held.submit(add_user("before"));
  auto failing = held.submit([](Store& store) -> Result<void> {
    if (auto done = add_user("half")(store); !done) return done;
    return fail(ErrorCode::kConflict, "changed its mind");
  });
  auto refused = held.submit(add_user("before"));  // the name is taken
  auto after = held.submit(add_user("after"));
  held.let_go();
  CHECK(outcome_of(before.get()) == "ok");
  CHECK(outcome_of(failing.get()) == "conflict: changed its mind");
  CHECK_THAT(outcome_of(refused.get()), has("already_exists: "));
  CHECK(outcome_of(after.get()) == "ok");
  CHECK(must(test->users().find("before")));
  CHECK_FALSE(must(test->users().find("half")));
  CHECK(must(test->users().find("after")));
}

TEST_CASE("a job's own transaction that it abandons takes nothing of its neighbours along",
          "[store]") {
  TestStore test;
  HeldLane held(test);
  auto before = held.submit(add_user("before"));
  auto abandoning = held.submit([](Store& store) -> Result<void> {
    Result<Transaction> transaction = store.begin();
    if (!transaction) return fail(transaction.error());
    return add_user("abandoned")(store);
  });
  held.let_go();
  CHECK(outcome_of(before.get()) == "ok");
  CHECK(outcome_of(abandoning.get()) == "ok");
  CHECK(must(test->users().find("before")));
  CHECK_FALSE(must(test->users().find("abandoned")));
}

TEST_CASE("beyond its bound the queue refuses, and takes jobs again when there is room",
          "[store]") {
  TestStore test;
  HeldLane held(test, {.queue = 3, .batch = 256});
  std::vector<std::future<Result<void>>> outcomes;
  for (int i = 0; i < 3; ++i) outcomes.push_back(held.submit(add_user(std::to_string(i))));
  CHECK(held.lane.waiting() == 3);
  CHECK_FALSE(held.lane.submit(add_user("no"), [](Result<void>) { FAIL("was refused"); }));
  CHECK(outcome_of(held.lane.run(add_user("no"))) == "busy: the store's queue is full");
  held.let_go();
  for (auto& outcome : outcomes) CHECK(outcome_of(outcome.get()) == "ok");
  CHECK(outcome_of(held.lane.run(add_user("yes"))) == "ok");
  CHECK_FALSE(must(test->users().find("no")));
}

TEST_CASE("a store that another process holds past the timeout refuses the whole batch",
          "[store]") {
  TestStore test;
  CommitLane lane(test.another(std::chrono::milliseconds(1)), {});
  {
    const Transaction held = must(test->begin());
    CHECK_THAT(outcome_of(lane.run(add_user("hanako"))), has("busy: "));
  }
  CHECK(outcome_of(lane.run(add_user("hanako"))) == "ok");
}

TEST_CASE("the jobs of a batch share one commit", "[store]") {
  TestStore test;
  HeldLane held(test);
  // What another connection sees grows by whole commits: it never sees part of the batch.
  std::vector<std::future<Result<void>>> outcomes;
  for (int i = 0; i < 100; ++i) {
    outcomes.push_back(held.submit([&test, i](Store& store) -> Result<void> {
      if (i == 99) {
        Store reader = test.another();
        const auto seen = reader.users().list();
        if (!seen || !seen->empty()) return fail(ErrorCode::kInternal, "part of a batch was seen");
      }
      return add_user(std::to_string(i))(store);
    }));
  }
  held.let_go();
  for (auto& outcome : outcomes) CHECK(outcome_of(outcome.get()) == "ok");
  CHECK(must(test->users().list()).size() == 100);
}

TEST_CASE("a job is told its outcome after its change is durable", "[store]") {
  TestStore test;
  CommitLane lane(test.another(), {});
  std::promise<bool> seen;
  REQUIRE(lane.submit(add_user("hanako"), [&](Result<void> done) {
    Store reader = test.another();
    seen.set_value(done && must(reader.users().find("hanako")));
  }));
  CHECK(seen.get_future().get());
}

TEST_CASE("a batch is bounded, and what waits goes with the next", "[store]") {
  TestStore test;
  HeldLane held(test, {.queue = 100, .batch = 4});
  std::vector<std::future<Result<void>>> outcomes;
  std::atomic<std::int64_t> visible_to_tenth{-1};
  for (int i = 0; i < 10; ++i) {
    outcomes.push_back(held.submit([&, i](Store& store) -> Result<void> {
      if (i == 9) {
        Store reader = test.another();
        visible_to_tenth = static_cast<std::int64_t>(must(reader.users().list()).size());
      }
      return add_user(std::to_string(i))(store);
    }));
  }
  held.let_go();
  for (auto& outcome : outcomes) CHECK(outcome_of(outcome.get()) == "ok");
  CHECK(visible_to_tenth == 8);  // two batches of four are durable
}

TEST_CASE("a lane finishes what is queued before it goes", "[store]") {
  TestStore test;
  std::vector<std::future<Result<void>>> outcomes;
  {
    HeldLane held(test);
    for (int i = 0; i < 20; ++i) outcomes.push_back(held.submit(add_user(std::to_string(i))));
    held.let_go();
  }
  for (auto& outcome : outcomes) CHECK(outcome_of(outcome.get()) == "ok");
  CHECK(must(test->users().list()).size() == 20);
}

TEST_CASE("jobs run in the order they came, each seeing what came before", "[store]") {
  TestStore test;
  const auto credential = test.add_totp(test.add_user(), "01234567890123456789");
  HeldLane held(test);
  std::vector<std::future<Result<void>>> outcomes;
  std::atomic<int> wins{0};
  for (int i = 0; i < 50; ++i) {
    outcomes.push_back(held.submit([&](Store& store) -> Result<void> {
      const auto won = store.totp_credentials().consume_step(credential, 1000, {}, Instant());
      if (!won) return fail(won.error());
      if (*won) ++wins;
      return {};
    }));
  }
  held.let_go();
  for (auto& outcome : outcomes) CHECK(outcome_of(outcome.get()) == "ok");
  CHECK(wins == 1);
}

TEST_CASE("many threads may submit at once", "[store]") {
  TestStore test;
  CommitLane lane(test.another(), {});
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        if (!lane.run(add_user(std::to_string(t) + "-" + std::to_string(i)))) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(must(test->users().list()).size() == 200);
}

}  // namespace
}  // namespace sekisho::store
