// Where a person sits: what a login at a terminal leaves behind for the rules.

#include "authn/live_view.h"
#include "authn/session.h"
#include "authn/terminal_access.h"
#include "tests/support/test_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::kPassword;
using testing::must;
using testing::TestTown;

struct WithSeat : TestTown {
  store::TerminalId terminal = add_terminal("zeimu-01");

  Claim at_terminal(std::optional<std::string_view> address) {
    Claim claim = TestTown::claim("hanako", "terminal:zeimu-01");
    claim.terminal = {terminal, 1};
    if (address) claim.terminal->seat = IpAddress::parse(*address);
    claim.require = Assurance::kSecondFactor;
    return claim;
  }
  std::string sit_down(std::optional<std::string_view> address = "10.1.2.3") {
    next_step();
    return verdict(at_terminal(address), presented(kPassword, code()));
  }
  std::vector<Seat> seats() { return must(seats_of(**this, hanako)); }
};

TEST_CASE("a login at a terminal leaves a seat at the terminal's address", "[authn]") {
  WithSeat test;
  CHECK(test.sit_down() == "granted proven");
  CHECK_THAT(test.last_audit(), has("\"address\":\"10.1.2.3\""));
  const auto seats = test.seats();
  REQUIRE(seats.size() == 1);
  CHECK(seats[0].terminal == test.terminal);
  CHECK(seats[0].terminal_name == "zeimu-01");
  CHECK(seats[0].address == IpAddress::parse("10.1.2.3"));
  CHECK(seats[0].taken_at == test.clock.now());
}

TEST_CASE("who comes to a terminal from elsewhere, or is refused, sits nowhere", "[authn]") {
  WithSeat test;
  CHECK(test.sit_down(std::nullopt) == "granted proven");
  CHECK(test.seats().empty());
  CHECK(test.verdict(test.at_terminal("10.1.2.3"), test.presented(kPassword, "000000")) ==
        "denied wrong_code");
  CHECK(test.verdict(test.at_terminal("10.1.2.3"), test.presented(kPassword)) ==
        "denied not_enough");
  CHECK(test.seats().empty());
}

TEST_CASE("who comes to the terminal over the network does not sit there any more", "[authn]") {
  WithSeat test;
  REQUIRE(test.sit_down() == "granted proven");
  Claim from_afar = test.at_terminal(std::nullopt);
  CHECK(test.verdict(from_afar, test.presented(kPassword, "000000")) == "denied wrong_code");
  CHECK(test.seats().size() == 1);
  CHECK(test.sit_down(std::nullopt) == "granted proven");  // where nobody can tell
  CHECK(test.seats().size() == 1);
  from_afar.terminal->is_from_afar = true;
  test.next_step();
  CHECK(test.verdict(from_afar, test.presented(kPassword, test.code())) == "granted proven");
  CHECK(test.seats().empty());
}

TEST_CASE("a login at the portal leaves no seat", "[authn]") {
  WithSeat test;
  CHECK(test.verdict(test.claim(), test.presented(kPassword, test.code())) == "granted proven");
  CHECK(test.seats().empty());
}

// The town is the other process: its changes go through its own connection.
struct WithView : WithSeat {
  OpenedSession session = open_one();
  LiveView view = must(LiveView::open(path, clock.now()));

  OpenedSession open_one() {
    next_step();
    const LoginResult granted = log_in(claim(), presented(kPassword, code()));
    return must(open_session(**this, random, policy, granted, "10.1.2.3", {}, clock.now()));
  }
  // "zeimu-01 10.1.2.3", as the view has it.
  std::string seen() {
    must(view.refresh(clock.now()));
    const LiveSession* live =
        view.session(token_hash(session.token.reveal_text()).value(), clock.now());
    REQUIRE(live != nullptr);
    std::string told;
    for (const Seat& seat : live->user->seats) {
      told += (told.empty() ? "" : ", ") + seat.terminal_name + " " + seat.address.text();
    }
    return told;
  }
};

TEST_CASE("a seat taken by another process is in the view at the next refresh", "[authn]") {
  WithView test;
  CHECK(test.seen().empty());
  REQUIRE(test.sit_down() == "granted proven");
  CHECK(test.seen() == "zeimu-01 10.1.2.3");
  REQUIRE(test.sit_down("10.1.2.4") == "granted proven");
  CHECK(test.seen() == "zeimu-01 10.1.2.4");
}

TEST_CASE("a view that begins later knows the seats that were taken before", "[authn]") {
  WithView test;
  REQUIRE(test.sit_down() == "granted proven");
  test.view = must(LiveView::open(test.path, test.clock.now()));
  CHECK(test.seen() == "zeimu-01 10.1.2.3");
}

TEST_CASE("a seat goes with the terminal that is revoked or joins anew", "[authn]") {
  WithView test;
  const auto other = test.add_terminal("juki-01");
  must(test->seats().take(test.hanako, {other, 1, "10.1.2.9"}, test.clock.now()));
  REQUIRE(test.sit_down() == "granted proven");
  REQUIRE(test.seen() == "zeimu-01 10.1.2.3, juki-01 10.1.2.9");
  SECTION("revoked") {
    must(test.administration().revoke_terminal("zeimu-01"));
    CHECK(test.seen() == "juki-01 10.1.2.9");
  }
  SECTION("invited again") {
    (void)must(test.administration().invite_terminal("zeimu-01", true));
    CHECK(test.seen() == "juki-01 10.1.2.9");
  }
  SECTION("joined again at once") {
    const auto invitation = must(test.administration().invite_terminal("zeimu-01", true));
    test.clock.advance(1s);
    REQUIRE(must(
        test->terminals().join(join_token_hash(invitation.token.reveal_text()), test.clock.now())));
    CHECK(test.seen() == "juki-01 10.1.2.9");
  }
  SECTION("its certificate renewed") {
    must(test->terminals().note_certificate(test.terminal, test.clock.now() + 1h));
    CHECK(test.seen() == "zeimu-01 10.1.2.3, juki-01 10.1.2.9");
  }
}

TEST_CASE("a seat goes when another terminal comes from its address", "[authn]") {
  WithView test;
  REQUIRE(test.sit_down() == "granted proven");
  REQUIRE(test.seen() == "zeimu-01 10.1.2.3");
  const auto other = test.add_terminal("zeimu-02");
  const auto taro = must(test.administration().add_user("taro", "", {}));
  must(test->seats().take(taro, {other, 1, "10.1.2.3"}, test.clock.now()));
  CHECK(test.seen().empty());
}

TEST_CASE("a seat whose address cannot be read is none, and keeps nobody else out", "[authn]") {
  WithView test;
  REQUIRE(test.sit_down() == "granted proven");
  test.sql("UPDATE seats SET address = 'somewhere'");
  CHECK(test.seen().empty());
}

}  // namespace
}  // namespace sekisho::authn
