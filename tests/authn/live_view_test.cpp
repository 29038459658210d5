// What one process changes, another's view in memory has at its next refresh.

#include "authn/live_view.h"

#include "authn/session.h"
#include "tests/support/test_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::kPassword;
using testing::kSeed;
using testing::must;
using testing::outcome_of;
using testing::TestTown;

// The town is the other process: its changes go through its own connection.
struct WithView : TestTown {
  store::TerminalId terminal = add_terminal("t1");
  OpenedSession session = open_one();
  LiveView view = must(LiveView::open(path, clock.now()));

  OpenedSession open_one() {
    clock.advance(30s);
    const LoginResult granted = log_in(claim(), presented(kPassword, code()));
    return must(open_session(**this, random, policy, granted, "10.1.2.3", {}, clock.now()));
  }
  LiveSession* seen(const OpenedSession& opened) {
    must(view.refresh(clock.now()));
    return view.session(token_hash(opened.token.reveal_text()).value(), clock.now());
  }
  LiveSession* seen() { return seen(session); }
};

TEST_CASE("a token that opens no session is not found", "[authn]") {
  WithView test;
  CHECK(test.view.session(sha256("other"), test.clock.now()) == nullptr);
  CHECK(test.view.session(Digest{}, test.clock.now()) == nullptr);
}

TEST_CASE("a user disabled by another process is out at the next refresh", "[authn]") {
  WithView test;
  REQUIRE(test.seen());
  must(test.administration().set_enabled("hanako", false));
  CHECK(test.seen() == nullptr);
  must(test.administration().set_enabled("hanako", true));
  CHECK(test.seen() == nullptr);  // signing in again is needed
  CHECK(test.seen(test.open_one()) != nullptr);
}

TEST_CASE("a user who was only marked disabled is out, sessions or not", "[authn]") {
  WithView test;
  must(test->users().set_enabled(test.hanako, false));
  CHECK(test.seen() == nullptr);
}

TEST_CASE("a user removed by another process is out at the next refresh", "[authn]") {
  WithView test;
  must(test.administration().remove_user("hanako"));
  CHECK(test.seen() == nullptr);
  CHECK(test.view.session_count() == 0);
}

TEST_CASE("a session ended by another process is gone at the next refresh, others stay",
          "[authn]") {
  WithView test;
  const OpenedSession second = test.open_one();
  REQUIRE(test.seen(second));
  must(test.administration().end_session(test.session.id));
  CHECK(test.seen() == nullptr);
  CHECK(test.seen(second) != nullptr);
  CHECK(test.view.session_count() == 1);
}

TEST_CASE("a password set anew by another process ends the sessions at the next refresh",
          "[authn]") {
  WithView test;
  must(test.administration().set_password("hanako", Secret("another good password")));
  CHECK(test.seen() == nullptr);
}

TEST_CASE("a session is not live from the moment its idle limit is reached", "[authn]") {
  WithView test;
  test.clock.advance(15min - 1ms);
  CHECK(test.seen() != nullptr);
  test.clock.advance(1ms);
  CHECK(test.seen() == nullptr);
}

TEST_CASE("a session used all the time is not live from its absolute limit on", "[authn]") {
  WithView test;
  const Instant end = test.session.expires_at;
  while (test.clock.now() + 10min < end) {
    test.clock.advance(10min);
    LiveSession* const session = test.seen();
    REQUIRE(session != nullptr);
    session->last_seen_at = test.clock.now();
  }
  test.clock.set(end - 1ms);
  CHECK(test.seen() != nullptr);
  test.clock.set(end);
  CHECK(test.seen() == nullptr);
}

TEST_CASE("a use that only this view knows is not lost by a refresh", "[authn]") {
  WithView test;
  test.clock.advance(10min);
  test.seen()->last_seen_at = test.clock.now();
  must(test->sessions().touch(test.session.id, test.clock.now() - 5min));  // an older one
  test.clock.advance(14min);
  CHECK(test.seen() != nullptr);
}

TEST_CASE("a use that another process wrote down keeps the session alive here", "[authn]") {
  WithView test;
  test.clock.advance(10min);
  must(test->sessions().touch(test.session.id, test.clock.now()));
  test.clock.advance(10min);
  CHECK(test.seen() != nullptr);
}

TEST_CASE("a session opened by another process is there at the next refresh", "[authn]") {
  WithView test;
  const LiveSession* const session = test.seen(test.open_one());
  REQUIRE(session != nullptr);
  CHECK(session->user->name == "hanako");
  CHECK(session->user->groups == std::vector<std::string>{"tax"});
  CHECK(session->assurance == Assurance::kSecondFactor);
}

TEST_CASE("a session that was only begun is not more than that", "[authn]") {
  WithView test;
  const LoginResult pending = test.log_in(test.claim(), test.presented(kPassword));
  const OpenedSession opened = must(
      open_session(*test, test.random, test.policy, pending, "10.1.2.3", {}, test.clock.now()));
  REQUIRE(test.seen(opened));
  CHECK(test.seen(opened)->assurance == Assurance::kPassword);
}

TEST_CASE("a changed group or display name is there at the next refresh", "[authn]") {
  WithView test;
  must(test.administration().add_to_group("hanako", "roads"));
  CHECK(test.seen()->user->groups == std::vector<std::string>{"roads", "tax"});
  must(test.administration().remove_from_group("hanako", "tax"));
  CHECK(test.seen()->user->groups == std::vector<std::string>{"roads"});
  must(test.administration().set_display_name("hanako", "関所 華子"));
  CHECK(test.seen()->user->display_name == "関所 華子");
}

TEST_CASE("a terminal revoked by another process may not log in at the next refresh", "[authn]") {
  WithView test;
  REQUIRE(test.view.terminal(test.terminal)->may_log_in);
  must(test.administration().revoke_terminal("t1"));
  must(test.view.refresh(test.clock.now()));
  CHECK_FALSE(test.view.terminal(test.terminal)->may_log_in);
}

TEST_CASE("a terminal that was invited again may not log in before it has joined", "[authn]") {
  WithView test;
  const auto generation = test.view.terminal(test.terminal)->generation;
  const auto invitation = must(test.administration().invite_terminal("t1", true));
  must(test.view.refresh(test.clock.now()));
  CHECK_FALSE(test.view.terminal(test.terminal)->may_log_in);
  const auto token = sha256("x");
  must(test->terminals().invite_again(test.terminal, token, test.clock.now() + 1h));
  must(test->terminals().join(token, test.clock.now()));
  must(test.view.refresh(test.clock.now()));
  CHECK(test.view.terminal(test.terminal)->may_log_in);
  CHECK(test.view.terminal(test.terminal)->generation > generation);
}

TEST_CASE("a terminal that is not there is not found, and a new one is at the next refresh",
          "[authn]") {
  WithView test;
  CHECK(test.view.terminal({4711}) == nullptr);
  const auto id = test.add_terminal("t2");
  CHECK(test.view.terminal(id) == nullptr);
  must(test.view.refresh(test.clock.now()));
  REQUIRE(test.view.terminal(id) != nullptr);
  CHECK(test.view.terminal(id)->may_log_in);
}

TEST_CASE("a view whose place in the journal was purged reads everything again", "[authn]") {
  WithView test;
  must(test.administration().end_session(test.session.id));
  const OpenedSession second = test.open_one();
  must(test->changes().purge(0));
  CHECK(test.seen() == nullptr);
  CHECK(test.seen(second) != nullptr);
  must(test.administration().end_session(second.id));
  must(test->changes().purge(1));
  CHECK(test.seen(second) == nullptr);
}

TEST_CASE("a change that was rolled back is not seen", "[authn]") {
  WithView test;
  {
    const auto transaction = must(test->begin());
    must(test->users().set_enabled(test.hanako, false));
    CHECK(test.seen() != nullptr);
  }
  CHECK(test.seen() != nullptr);
}

TEST_CASE("a view that cannot read the store says so, every time, until it can", "[authn]") {
  WithView test;
  test.sql("ALTER TABLE users RENAME TO lost");
  test.sql("UPDATE lost SET is_enabled = 0");
  CHECK_FALSE(test.view.refresh(test.clock.now()));
  CHECK_FALSE(test.view.refresh(test.clock.now()));
  test.sql("ALTER TABLE lost RENAME TO users");
  CHECK(test.seen() == nullptr);  // and has not missed the change
}

TEST_CASE("there is no view of a store that is not there", "[authn]") {
  CHECK_FALSE(LiveView::open("/nonexistent/store.db", Instant()));
}

TEST_CASE("a refresh with nothing new keeps what is known", "[authn]") {
  WithView test;
  const LiveSession* const before = test.seen();
  for (int i = 0; i < 1000; ++i) must(test.view.refresh(test.clock.now()));
  CHECK(test.seen() == before);
}

}  // namespace
}  // namespace sekisho::authn
