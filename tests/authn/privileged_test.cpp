// Members of [privileged] groups: stronger factors, fewer guesses, shorter sessions.

#include "authn/session.h"
#include "authn/terminal_access.h"
#include "tests/support/key_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::KeyTown;
using testing::kPassword;
using testing::must;

struct WithChief : KeyTown {
  WithChief() {
    policy.privileged.groups = {"admins", "tax"};
    hire("taro");
  }
  store::TerminalId terminal = add_terminal("t1");

  Claim at_terminal(std::string_view user = "hanako") {
    Claim claim = TestTown::claim(user, "terminal:t1");
    claim.terminal = {terminal, 1};
    return claim;
  }
  Presented with_key() {
    Presented what = shown(answer(key));
    what.password = Secret(kPassword);
    return what;
  }
  store::Session open(std::string_view user) {
    LoginResult granted;
    granted.verdict = authn::granted();
    granted.user = this->user(user);
    granted.assurance = granted.shown = Assurance::kSecondFactor;
    granted.factors = "password totp";
    const auto opened =
        must(open_session(**this, random, policy, granted, "10.1.2.3", {}, clock.now()));
    return must((*this)->sessions().find(opened.id)).value();
  }
};

TEST_CASE("a terminal asks privileged people for what the policy says, whatever its service asks",
          "[authn]") {
  WithChief test;
  test.policy.privileged.require = Assurance::kVerifiedKey;
  CHECK(test.verdict(test.at_terminal(), test.presented(kPassword, test.code())) ==
        "denied not_enough");
  CHECK(test.failures("totp") == 0);  // the code was not looked at
  CHECK(must(test->seats().of(test.hanako)).empty());
  test.key.is_verified = false;
  CHECK(test.verdict(test.at_terminal(), test.with_key()) == "denied key_not_verified");
  test.key.is_verified = true;
  CHECK(test.verdict(test.at_terminal(), test.with_key()) == "granted proven");
  test.policy.privileged.groups = {"admins"};
  CHECK(test.verdict(test.at_terminal(), test.presented(kPassword, test.code())) ==
        "granted proven");
}

TEST_CASE("a privileged person's recovery code is not looked at where a key is asked for",
          "[authn]") {
  WithChief test;
  test.policy.privileged.require = Assurance::kSecurityKey;
  const auto codes = must(test.enrollment().issue_recovery_codes("hanako"));
  const Presented what = test.with_recovery(kPassword, codes[0].reveal_text());
  CHECK(test.verdict(test.at_terminal(), what) == "denied not_enough");
  CHECK(must(test->recovery_codes().remaining(test.hanako)) ==
        static_cast<std::int64_t>(codes.size()));
}

TEST_CASE("at the portal a privileged person may sign in with a code, to go on with a key",
          "[authn]") {
  WithChief test;
  test.policy.privileged.require = Assurance::kVerifiedKey;
  CHECK(test.verdict(test.claim(), test.presented(kPassword, test.code())) == "granted proven");
}

TEST_CASE("privileged people have fewer guesses than others", "[authn]") {
  WithChief test;
  test.policy.privileged.lock_after = 3;
  const auto guesses = [&](std::string_view user) {
    int count = 0;
    while (test.verdict(test.claim(user, "10.9.9.9"), test.presented("wrong")) ==
           "denied wrong_password") {
      ++count;
      test.clock.advance(1min);  // longer than any delay before the lock
    }
    return count;
  };
  CHECK(guesses("hanako") == 3);
  CHECK(guesses("taro") == 5);
}

TEST_CASE("a privileged person's session ends sooner, by both limits", "[authn]") {
  WithChief test;
  test.policy.privileged.idle = 5min;
  test.policy.privileged.absolute = 2h;
  const store::Session chief = test.open("hanako");
  CHECK(chief.idle_limit == 5min);
  CHECK(chief.expires_at == test.clock.now() + 2h);
  const store::Session other = test.open("taro");
  CHECK(other.idle_limit == test.policy.session.idle);
  CHECK(other.expires_at == test.clock.now() + test.policy.session.absolute);
}

TEST_CASE("sessions that began under a laxer policy are shortened, and none made longer",
          "[authn]") {
  WithChief test;
  test.policy.privileged.groups.clear();
  const store::Session chief = test.open("hanako");
  const store::Session other = test.open("taro");
  test.policy.privileged = {{"tax"}, Assurance::kSecondFactor, {}, 5min, 2h};
  CHECK(must(shorten_sessions(*test, test.policy, {}, test.clock.now())) == 1);
  CHECK(must(shorten_sessions(*test, test.policy, {}, test.clock.now())) == 0);
  const store::Session held = must(test->sessions().find(chief.id)).value();
  CHECK(held.idle_limit == 5min);
  CHECK(held.expires_at == chief.created_at + 2h);
  CHECK(must(test->sessions().find(other.id))->expires_at == other.expires_at);
  test.policy.session.absolute = 1h;
  CHECK(must(shorten_sessions(*test, test.policy, {}, test.clock.now())) == 2);
  CHECK(must(test->sessions().find(other.id))->expires_at == other.created_at + 1h);
}

TEST_CASE("who becomes privileged has shorter sessions at once", "[authn]") {
  WithChief test;
  test.policy.privileged = {{"admins"}, Assurance::kSecondFactor, {}, 5min, 2h};
  const store::Session session = test.open("taro");
  must(test.administration().add_to_group("taro", "roads"));
  CHECK(must(test->sessions().find(session.id))->idle_limit == session.idle_limit);
  must(test.administration().add_to_group("taro", "admins"));
  CHECK(must(test->sessions().find(session.id))->idle_limit == 5min);
}

TEST_CASE(
    "a terminal is told to let keys verify where they can, whoever asks, for privileged people",
    "[authn]") {
  WithChief test;
  const auto prefers = [&](std::string_view user) {
    const auto begun = must(
        begin_terminal_login(test.keyring, test.random, test.policy, test.terminal,
                             {std::string(user), "login", "tty1", "", true}, test.clock.now()));
    CHECK_FALSE(begun.verifies_user);
    return begun.prefers_verification;
  };
  CHECK_FALSE(prefers("hanako"));
  test.policy.privileged.require = Assurance::kVerifiedKey;
  CHECK(prefers("hanako"));
  CHECK(prefers("taro"));
  CHECK(prefers("nobody"));
}

TEST_CASE("what privileged people have is never more than others have", "[authn]") {
  WithChief test;
  test.policy.privileged.idle = 24h;
  test.policy.privileged.absolute = 24h;
  const store::Session chief = test.open("hanako");
  CHECK(chief.idle_limit == test.policy.session.idle);
  CHECK(chief.expires_at == test.clock.now() + test.policy.session.absolute);
  const Throttle throttle(test.policy.throttle);
  CHECK(throttle.block_at_source(5, 100) == throttle.block_at_source(5));
  CHECK(throttle.block_at_source(3, 3) == test.policy.throttle.lock_for);
}

}  // namespace
}  // namespace sekisho::authn
