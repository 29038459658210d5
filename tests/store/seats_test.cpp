#include "store/seats.h"

#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using namespace std::chrono_literals;
using testing::must;
using testing::TestStore;

struct WithSeats : TestStore {
  UserId hanako = add_user("hanako");
  UserId taro = add_user("taro");
  TerminalId first = add_terminal("zeimu-01");
  TerminalId second = add_terminal("zeimu-02");

  void take(UserId user, TerminalId terminal, const std::string& address, int generation = 1) {
    clock.advance(1s);
    must((*this)->seats().take(user, {terminal, generation, address}, clock.now()));
  }
  // "zeimu-01 10.1.2.3, zeimu-02 10.1.2.4"
  std::string seats_of(UserId user) {
    std::string told;
    for (const Seat& seat : must((*this)->seats().of(user))) {
      told += (told.empty() ? "" : ", ") + seat.terminal_name + " " + seat.address;
    }
    return told;
  }
};

TEST_CASE("who signs in at a terminal sits there, at each, at its last address", "[store]") {
  WithSeats test;
  CHECK(test.seats_of(test.hanako).empty());
  test.take(test.hanako, test.first, "10.1.2.3");
  test.take(test.hanako, test.second, "10.1.2.4");
  test.take(test.taro, test.first, "10.1.2.3");
  CHECK(test.seats_of(test.hanako) == "zeimu-02 10.1.2.4, zeimu-01 10.1.2.3");
  CHECK(test.seats_of(test.taro) == "zeimu-01 10.1.2.3");
  test.take(test.hanako, test.first, "10.1.2.5");
  CHECK(test.seats_of(test.hanako) == "zeimu-01 10.1.2.5, zeimu-02 10.1.2.4");
  CHECK(must(test->seats().of(test.hanako)).front().taken_at == test.clock.now());
}

TEST_CASE("a terminal has one address: who sat there at another sits there no more", "[store]") {
  WithSeats test;
  test.take(test.hanako, test.first, "10.1.2.3");
  test.take(test.hanako, test.second, "10.1.2.4");
  test.take(test.taro, test.first, "10.1.2.9");
  CHECK(test.seats_of(test.hanako) == "zeimu-02 10.1.2.4");
  CHECK(test.seats_of(test.taro) == "zeimu-01 10.1.2.9");
}

TEST_CASE("an address belongs to the terminal that came from it last", "[store]") {
  WithSeats test;
  test.take(test.hanako, test.first, "10.1.2.3");
  test.take(test.taro, test.second, "10.1.2.3");
  CHECK(test.seats_of(test.hanako).empty());
  CHECK(test.seats_of(test.taro) == "zeimu-02 10.1.2.3");
}

TEST_CASE("nobody sits at a terminal that was revoked, or has joined anew since", "[store]") {
  WithSeats test;
  test.take(test.hanako, test.first, "10.1.2.3");
  test.take(test.hanako, test.second, "10.1.2.4");
  REQUIRE(must(test->terminals().revoke(test.first, test.clock.now())));
  CHECK(test.seats_of(test.hanako) == "zeimu-02 10.1.2.4");
  const Digest token = sha256("again");
  must(test->terminals().invite_again(test.second, token, test.clock.now() + 1h));
  CHECK(test.seats_of(test.hanako).empty());
  test.clock.advance(1s);
  REQUIRE(must(test->terminals().join(token, test.clock.now())));
  test.clock.set(test.clock.now() - 24h);  // whatever the clock says
  CHECK(test.seats_of(test.hanako).empty());
  test.take(test.hanako, test.second, "10.1.2.4", 3);
  CHECK(test.seats_of(test.hanako) == "zeimu-02 10.1.2.4");
}

TEST_CASE("seats are forgotten with their person, and when they are old", "[store]") {
  WithSeats test;
  test.take(test.hanako, test.first, "10.1.2.3");
  test.take(test.taro, test.second, "10.1.2.4");
  must(test->users().remove(test.hanako));
  CHECK(test.number("SELECT count(*) FROM seats") == 1);
  CHECK(must(test->seats().purge(test.clock.now(), test.clock.now())) == 0);
  CHECK(must(test->seats().purge(test.clock.now() + 1ms, test.clock.now())) == 1);
  CHECK(test.seats_of(test.taro).empty());
  test.take(test.taro, test.second, "10.1.2.4");  // by a clock that ran ahead
  CHECK(must(test->seats().purge(test.clock.now() - 2ms, test.clock.now() - 1ms)) == 1);
}

TEST_CASE("whose sessions all end sits nowhere, and who keeps one keeps the seats", "[store]") {
  WithSeats test;
  test.take(test.hanako, test.first, "10.1.2.3");
  test.take(test.taro, test.second, "10.1.2.4");
  must(test->sessions().end_all_of(test.hanako, "key removed", test.clock.now(), SessionId{7}));
  CHECK(test.seats_of(test.hanako) == "zeimu-01 10.1.2.3");
  must(test->sessions().end_all_of(test.hanako, "user disabled", test.clock.now()));
  CHECK(test.seats_of(test.hanako).empty());
  CHECK(test.seats_of(test.taro) == "zeimu-02 10.1.2.4");
}

TEST_CASE("a seat taken, moved or forgotten is a change of its person", "[store]") {
  WithSeats test;
  const auto changed = [&](const auto& act) {
    const auto before = must(test->changes().range()).newest;
    act();
    std::vector<std::int64_t> rows;
    for (const Change& change : must(test->changes().since(before))) {
      CHECK(change.kind == Change::Kind::kUser);
      rows.push_back(change.row_id);
    }
    return rows;
  };
  const std::vector<std::int64_t> hers = {test.hanako.value};
  CHECK(changed([&] { test.take(test.hanako, test.first, "10.1.2.3"); }) == hers);
  CHECK(changed([&] { test.take(test.hanako, test.first, "10.1.2.3"); }) == hers);
  CHECK(changed([&] { test.take(test.hanako, test.first, "10.1.2.4"); }) ==
        std::vector{test.hanako.value, test.hanako.value});
  const std::vector<std::int64_t> both = {test.hanako.value, test.taro.value};
  CHECK(changed([&] { test.take(test.taro, test.second, "10.1.2.4"); }) == both);
}

}  // namespace
}  // namespace sekisho::store
