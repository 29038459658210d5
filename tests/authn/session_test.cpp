#include "authn/session.h"

#include <set>

#include "base/encoding.h"
#include "tests/support/test_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::kPassword;
using testing::must;
using testing::outcome_of;
using testing::TestTown;

struct WithLogin : TestTown {
  Result<OpenedSession> open(const LoginResult& granted,
                             std::optional<store::SessionId> previous = {}) {
    return open_session(**this, random, policy, granted, "10.1.2.3", previous, clock.now());
  }
  using TestTown::open;
  LoginResult pending() { return log_in(claim(), presented(kPassword)); }
  LoginResult complete() {
    clock.advance(30s);
    return log_in(claim(), presented(kPassword, code()));
  }
  store::Session stored(const OpenedSession& opened) {
    return must((*this)->sessions().find(opened.id)).value();
  }
};

TEST_CASE("what has not the form of a token is refused before it is looked up", "[authn]") {
  const std::string good(kTokenCharacters, 'A');
  CHECK(token_hash(good));
  CHECK_FALSE(token_hash(""));
  CHECK_FALSE(token_hash(good.substr(1)));
  CHECK_FALSE(token_hash(good + "A"));
  CHECK_FALSE(token_hash(std::string(1 << 20, 'A')));
  for (const char c : {'+', '/', '=', ' ', '"', '\0', '\n', '\x80'}) {
    CHECK_FALSE(token_hash(c + good.substr(1)));
    CHECK_FALSE(token_hash(good.substr(1) + c));
  }
}

TEST_CASE("no session is opened for a login that was not granted", "[authn]") {
  WithLogin test;
  const auto refusal = "denied: a session is opened only for a granted login";
  CHECK(outcome_of(test.open(test.log_in(test.claim(), test.presented("wrong password")))) ==
        refusal);
  CHECK(outcome_of(test.open(LoginResult{})) == refusal);
  LoginResult nobody;
  nobody.verdict.outcome = Outcome::kGranted;
  CHECK(outcome_of(test.open(nobody)) == refusal);
  CHECK(must(test->sessions().live(test.clock.now())).empty());
}

TEST_CASE("a session is raised once: two answers to one page open one session", "[authn]") {
  WithLogin test;
  const OpenedSession first = must(test.open(test.pending()));
  const LoginResult complete = test.complete();
  CHECK(test.open(complete, first.id));
  CHECK(outcome_of(test.open(complete, first.id)) ==
        "conflict: the session to be raised had ended");
  CHECK(must(test->sessions().live(test.clock.now())).size() == 1);
}

TEST_CASE("raising a session ends the old token and makes a new one", "[authn]") {
  WithLogin test;
  const OpenedSession first = must(test.open(test.pending()));
  const OpenedSession second = must(test.open(test.complete(), first.id));
  CHECK(first.token.reveal_text() != second.token.reveal_text());
  CHECK(test.stored(first).ended_at);
  CHECK(test.stored(first).end_reason == "raised");
  CHECK_FALSE(test.stored(second).ended_at);
}

TEST_CASE("nobody ends another person's session", "[authn]") {
  WithLogin test;
  const OpenedSession opened = must(test.open(test.complete()));
  must(test.administration().add_user("taro", "", {}));
  const store::User taro = must(test.administration().user("taro"));
  CHECK_FALSE(must(end_session(*test, taro, opened.id, "signed out", "x", test.clock.now())));
  CHECK_FALSE(test.stored(opened).ended_at);
}

TEST_CASE("a session is ended once, and that is written down once", "[authn]") {
  WithLogin test;
  const OpenedSession opened = must(test.open(test.complete()));
  const store::User hanako = must(test.administration().user("hanako"));
  CHECK(must(end_session(*test, hanako, opened.id, "signed out", "x", test.clock.now())));
  CHECK_THAT(test.last_audit(), has("session_end done user:hanako user:hanako x {\"session\":"));
  const auto rows = test.audit().size();
  CHECK_FALSE(must(end_session(*test, hanako, opened.id, "signed out", "x", test.clock.now())));
  CHECK_FALSE(must(end_session(*test, hanako, {4711}, "signed out", "x", test.clock.now())));
  CHECK(test.audit().size() == rows);
}

TEST_CASE("a session that passed a limit is ended with its reason, once", "[authn]") {
  WithLogin test;
  const OpenedSession idle = must(test.open(test.complete()));
  const auto sweep = [&] {
    return must(end_overdue_sessions(*test, 10, test.clock.now(), test.clock.now()));
  };
  test.clock.advance(test.policy.session.idle - 1ms);
  CHECK(sweep() == 0);
  test.clock.advance(1ms);
  CHECK(sweep() == 1);
  CHECK(test.stored(idle).end_reason == "idle");
  CHECK_THAT(test.last_audit(), has("session_end done gateway user:hanako gateway {"));
  CHECK(sweep() == 0);
  const OpenedSession old = must(test.open(test.complete()));
  test.clock.advance(test.policy.session.absolute);
  must(test->sessions().touch(old.id, test.clock.now() - 1min));
  CHECK(sweep() == 1);
  CHECK(test.stored(old).end_reason == "expired");
}

TEST_CASE("a token is 256 random bits, and the store has only its hash", "[authn]") {
  WithLogin test;
  const OpenedSession opened = must(test.open(test.complete()));
  const std::string_view token = opened.token.reveal_text();
  CHECK(token.size() == kTokenCharacters);
  CHECK(bytes_from_base64url(token)->size() == 32);
  CHECK(test.stored(opened).token_hash == token_hash(token).value());
}

TEST_CASE("a proven password waits a short time for the second factor", "[authn]") {
  WithLogin test;
  const OpenedSession opened = must(test.open(test.pending()));
  const store::Session session = test.stored(opened);
  CHECK(session.assurance == static_cast<int>(Assurance::kPassword));
  CHECK(session.expires_at == test.clock.now() + 10min);
  CHECK(session.idle_limit == 10min);
}

TEST_CASE("a complete session has the idle and absolute limits of the policy", "[authn]") {
  WithLogin test;
  const OpenedSession opened = must(test.open(test.complete()));
  const store::Session session = test.stored(opened);
  CHECK(session.assurance == static_cast<int>(Assurance::kSecondFactor));
  CHECK(session.factors == "password totp");
  CHECK(session.expires_at == test.clock.now() + 12h);
  CHECK(session.idle_limit == 15min);
  CHECK_THAT(test.last_audit(),
             has("session_start done user:hanako user:hanako 10.1.2.3 {\"session\":"));
}

TEST_CASE("a session remembers the login before it, to show the person", "[authn]") {
  WithLogin test;
  must(test.open(test.complete()));
  const Instant earlier = test.clock.now();
  test.clock.advance(1h);
  test.verdict("wrong password", "000000");
  const store::Session session = test.stored(must(test.open(test.complete())));
  CHECK(session.previous_login_at == earlier);
  CHECK(session.previous_login_from == "10.1.2.3 portal");
  CHECK(session.failures_before == 1);
}

TEST_CASE("the form token of one session is no other's, and does not tell the session's token",
          "[authn]") {
  const std::string one(kTokenCharacters, 'A');
  const std::string two = one.substr(1) + "B";
  CHECK(form_token(one) == form_token(one));
  CHECK(form_token(one) != form_token(two));
  CHECK(form_token(one) != one);
  CHECK(form_token(one).size() == kTokenCharacters);
}

}  // namespace
}  // namespace sekisho::authn
