// No room left: the answer is "no", the store stays whole, and service resumes.

#include <future>

#include "store/commit_lane.h"
#include "tests/support/small_disk.h"
#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using testing::has;
using testing::must;
using testing::outcome_of;
using testing::SmallDisk;

// A store on a disk of its own.  Catch2 2 cannot skip, so a test without the right to mount says
// so and passes; the rights are there where ./dev test runs as root.
struct OnSmallDisk {
  OnSmallDisk() : disk(8), keyring(testing::new_keyring()) {
    if (!disk.is_there()) {
      WARN("a full disk was not tried: " << disk.reason());
      return;
    }
    must(Store::create(disk.file("store.db"), keyring, random, Instant()));
  }
  explicit operator bool() const { return disk.is_there(); }
  Store open() { return must(Store::open(disk.file("store.db"), keyring, random)); }

  SmallDisk disk;
  SystemRandom random;
  const Keyring keyring;
};

CommitLane::Job append(int bytes) {
  return [bytes](Store& store) -> Result<void> {
    return store.audit_log().append(
        {"fill", "done", "", "", "", std::string(static_cast<std::size_t>(bytes), 'x')}, Instant());
  };
}

TEST_CASE("on a full disk a change is refused as full, and what was there stays", "[store]") {
  OnSmallDisk test;
  if (!test) return;
  Store store = test.open();
  const UserId user = must(store.users().add("hanako", "", Instant()));
  test.disk.fill();
  // Large enough that it cannot fit into what SQLite has allocated already.
  const auto refused = append(100'000)(store);
  CHECK_THAT(outcome_of(refused), has("full: "));
  CHECK(must(store.users().find("hanako"))->id == user);
  CHECK(must(store.audit_log().last_seq()) == 0);
  must(store.check_integrity());
}

TEST_CASE("a store on a full disk writes again, in the same process, when there is room",
          "[store]") {
  OnSmallDisk test;
  if (!test) return;
  Store store = test.open();
  test.disk.fill();
  CHECK_THAT(outcome_of(append(100'000)(store)), has("full: "));
  test.disk.make_room();
  CHECK(outcome_of(append(100'000)(store)) == "ok");
  CHECK(must(store.audit_log().last_seq()) == 1);
  must(store.check_integrity());
}

TEST_CASE("on a full disk every job of a batch is told so and none has left a trace", "[store]") {
  OnSmallDisk test;
  if (!test) return;
  {
    CommitLane lane(test.open(), {});
    CHECK(outcome_of(lane.run(append(10))) == "ok");
    test.disk.fill();
    std::promise<void> go;
    std::shared_future<void> gate = go.get_future().share();
    std::vector<std::future<Result<void>>> outcomes;
    for (int i = 0; i < 20; ++i) {
      auto promise = std::make_shared<std::promise<Result<void>>>();
      outcomes.push_back(promise->get_future());
      REQUIRE(lane.submit(
          [gate, i](Store& store) -> Result<void> {
            gate.wait();
            return append(i == 10 ? 100'000 : 10'000)(store);
          },
          [promise](Result<void> done) { promise->set_value(std::move(done)); }));
    }
    go.set_value();
    for (auto& outcome : outcomes) CHECK_THAT(outcome_of(outcome.get()), has("full: "));

    test.disk.make_room();
    CHECK(outcome_of(lane.run(append(100'000))) == "ok");
  }
  Store store = test.open();
  CHECK(must(store.audit_log().last_seq()) == 2);
  must(store.check_integrity());
}

TEST_CASE("a store cannot be made on a full disk, and leaves nothing there", "[store]") {
  OnSmallDisk test;
  if (!test) return;
  test.disk.fill();
  const std::string path = test.disk.file("second.db");
  CHECK_FALSE(Store::create(path, test.keyring, test.random, Instant()));
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
  test.disk.make_room();
  CHECK(outcome_of(Store::create(path, test.keyring, test.random, Instant())) == "ok");
}

TEST_CASE("a store on a full disk can still be read, and opened", "[store]") {
  OnSmallDisk test;
  if (!test) return;
  {
    Store store = test.open();
    must(store.users().add("hanako", "", Instant()));
    test.disk.fill();
    CHECK(must(store.users().find("hanako")));
    Store reader = must(Store::open_read_only(test.disk.file("store.db")));
    CHECK(must(reader.users().find("hanako")));
  }
  test.disk.make_room();
  CHECK(must(test.open().users().find("hanako")));
}

TEST_CASE("a store that reached its page limit refuses as full and goes on when it is lifted",
          "[store]") {
  testing::TestStore test;
  test.add_user();
  test.sql("PRAGMA max_page_count = 1");  // SQLite makes that: no more than there are
  CHECK_THAT(outcome_of(append(100'000)(*test)), has("full: "));
  CHECK(must(test->audit_log().last_seq()) == 0);
  test.sql("PRAGMA max_page_count = 1000000");
  CHECK(outcome_of(append(100'000)(*test)) == "ok");
  must(test->check_integrity());
}

}  // namespace
}  // namespace sekisho::store
