#include "authn/administration.h"

#include "authn/session.h"
#include "authn/terminal_access.h"
#include "authn/throttle.h"
#include "tests/support/test_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::kPassword;
using testing::kSeed;
using testing::must;
using testing::outcome_of;
using testing::TestTown;

constexpr std::string_view kNewPassword = "another good password";

struct WithSession : TestTown {
  WithSession() { session = open_one(); }
  store::SessionId open_one() {
    clock.advance(30s);
    const LoginResult granted = log_in(claim(), presented(kPassword, code()));
    return must(open_session(**this, random, policy, granted, "10.1.2.3", {}, clock.now())).id;
  }
  bool is_live() { return !must((*this)->sessions().live(clock.now())).empty(); }
  void fail_at(std::string_view factor, std::string_view source, std::int64_t failures) {
    must((*this)->attempts().set({subject_of(hanako), std::string(factor), std::string(source)},
                                 {failures, clock.now(), clock.now() + 15min}));
  }
  store::SessionId session;
};

TEST_CASE("a name that could not be a login name is refused", "[authn]") {
  for (const std::string& name :
       {std::string(), std::string(65, 'a'), std::string("-a"), std::string(".a"),
        std::string("a b"), std::string("a/b"), std::string("a:b"), std::string("a\nb"),
        std::string("関所"), std::string("a\0b", 3), std::string("a@b"), std::string("*")}) {
    CHECK_FALSE(is_name(name));
  }
  CHECK(is_name(std::string(64, 'a')));
  CHECK(is_name("Hanako.Sekisho_1-2"));
}

TEST_CASE("a display name that is not UTF-8, too long or disguised is refused", "[authn]") {
  CHECK_FALSE(is_display_name("\xff"));
  CHECK_FALSE(is_display_name(std::string(129, 'a')));
  CHECK_FALSE(is_display_name("a\nb"));
  CHECK_FALSE(
      is_display_name("\xe2\x80\xae"
                      "gpj"));
  CHECK(is_display_name(""));
  CHECK(is_display_name("關所 花子 (税務課)"));
}

TEST_CASE("a user with a bad name, display name or group is not added", "[authn]") {
  TestTown test;
  auto administration = test.administration();
  CHECK_THAT(outcome_of(administration.add_user("a b", "", {})), has("invalid: a user name must"));
  CHECK_THAT(outcome_of(administration.add_user("taro", "\xff", {})),
             has("invalid: a display name must"));
  CHECK_THAT(outcome_of(administration.add_user("taro", "", {"tax", "a b"})),
             has("invalid: a group name must"));
  CHECK(outcome_of(administration.add_user("hanako", "", {})) ==
        "already_exists: there is a user hanako already");
  CHECK(must(test->users().list()).size() == 1);
}

TEST_CASE("what is done to a user that is not there is refused by name", "[authn]") {
  TestTown test;
  auto administration = test.administration();
  const std::string refusal = "not_found: there is no user nobody";
  CHECK(outcome_of(administration.user("nobody")) == refusal);
  CHECK(outcome_of(administration.remove_user("nobody")) == refusal);
  CHECK(outcome_of(administration.set_enabled("nobody", false)) == refusal);
  CHECK(outcome_of(administration.set_display_name("nobody", "x")) == refusal);
  CHECK(outcome_of(administration.add_to_group("nobody", "tax")) == refusal);
  CHECK(outcome_of(administration.remove_from_group("nobody", "tax")) == refusal);
  CHECK(outcome_of(administration.set_password("nobody", Secret(kNewPassword))) == refusal);
  CHECK(outcome_of(administration.unlock("nobody")) == refusal);
  CHECK(outcome_of(administration.end_sessions_of("nobody")) == refusal);
}

TEST_CASE("a name from outside cannot paint the screen in an error", "[authn]") {
  TestTown test;
  CHECK(outcome_of(test.administration().user("a\x1b[2J")) ==
        "not_found: there is no user a\\x1b[2J");
}

TEST_CASE("what is so already is refused as such", "[authn]") {
  TestTown test;
  auto administration = test.administration();
  CHECK(outcome_of(administration.set_enabled("hanako", true)) ==
        "conflict: hanako is enabled already");
  must(administration.set_enabled("hanako", false));
  CHECK(outcome_of(administration.set_enabled("hanako", false)) ==
        "conflict: hanako is disabled already");
  CHECK(outcome_of(administration.add_to_group("hanako", "tax")) ==
        "conflict: hanako is in the group tax already");
  CHECK(outcome_of(administration.remove_from_group("hanako", "roads")) ==
        "not_found: hanako is not in the group roads");
}

TEST_CASE("a password that is refused changes nothing", "[authn]") {
  WithSession test;
  CHECK(outcome_of(test.administration().set_password("hanako", Secret("short"))) ==
        "invalid: the password has fewer than 8 characters");
  CHECK(test.is_live());
  test.clock.advance(30s);
  CHECK(test.verdict(kPassword, test.code()) == "granted proven");
}

// Each change that can be made, to try what holds for all of them.
std::vector<std::pair<std::string, std::function<std::string(WithSession&)>>> changes() {
  return {
      {"user_add", [](auto& t) { return outcome_of(t.administration().add_user("taro", "", {})); }},
      {"user_remove", [](auto& t) { return outcome_of(t.administration().remove_user("hanako")); }},
      {"user_disable",
       [](auto& t) { return outcome_of(t.administration().set_enabled("hanako", false)); }},
      {"user_rename",
       [](auto& t) { return outcome_of(t.administration().set_display_name("hanako", "花")); }},
      {"group_add",
       [](auto& t) { return outcome_of(t.administration().add_to_group("hanako", "roads")); }},
      {"group_remove",
       [](auto& t) { return outcome_of(t.administration().remove_from_group("hanako", "tax")); }},
      {"user_password",
       [](auto& t) {
         return outcome_of(t.administration().set_password("hanako", Secret(kNewPassword)));
       }},
      {"user_unlock", [](auto& t) { return outcome_of(t.administration().unlock("hanako")); }},
      {"session_end",
       [](auto& t) { return outcome_of(t.administration().end_session(t.session)); }},
      {"session_end",
       [](auto& t) { return outcome_of(t.administration().end_sessions_of("hanako")); }},
      {"terminal_add",
       [](auto& t) { return outcome_of(t.administration().invite_terminal("t9", false)); }},
      {"terminal_add",
       [](auto& t) { return outcome_of(t.administration().invite_terminal("t1", true)); }},
      {"terminal_revoke",
       [](auto& t) { return outcome_of(t.administration().revoke_terminal("t1")); }},
      {"totp_add",
       [](auto& t) {
         return outcome_of(t.enrollment().add_totp("hanako", Enrollment::NewTotp{}));
       }},
      {"totp_resync",
       [](auto& t) {
         return outcome_of(t.enrollment().resync_totp(t.token, t.code(3), t.code(4)));
       }},
      {"totp_remove", [](auto& t) { return outcome_of(t.enrollment().remove_totp(t.token)); }},
      {"recovery_issue",
       [](auto& t) { return outcome_of(t.enrollment().issue_recovery_codes("hanako")); }},
  };
}

TEST_CASE("every change is written down with who made it", "[authn]") {
  for (const auto& [event, change] : changes()) {
    WithSession test;
    test.add_terminal("t1");
    const auto before = test.audit().size();
    INFO(event);
    REQUIRE(change(test) == "ok");
    CHECK(test.audit().size() == before + 1);
    CHECK_THAT(test.last_audit(), has(event + " done admin:root "));
  }
}

TEST_CASE("a change that cannot be written down is not made", "[authn]") {
  for (const auto& [event, change] : changes()) {
    WithSession test;
    test.add_terminal("t1");
    test.block_audit();
    store::Store observer = test.another();
    const auto before = must(observer.database().data_version());
    INFO(event);
    CHECK_THAT(change(test), has("blocked"));
    CHECK(must(observer.database().data_version()) == before);
  }
}

TEST_CASE("a disabled user's sessions end in the same transaction", "[authn]") {
  WithSession test;
  test.open_one();
  must(test.administration().set_enabled("hanako", false));
  CHECK_FALSE(test.is_live());
  CHECK_THAT(test.last_audit(), has("user_disable done admin:root user:hanako console "
                                    "{\"sessions_ended\":2}"));
  must(test.administration().set_enabled("hanako", true));
  CHECK_FALSE(test.is_live());  // they do not come back
}

TEST_CASE("a new password ends the sessions, lifts the lock and replaces the old one", "[authn]") {
  WithSession test;
  test.fail_at("password", "10.1.2.3", 5);
  test.fail_at("totp", "10.9.9.9", 5);
  must(test.administration().set_password("hanako", Secret(kNewPassword)));
  CHECK_FALSE(test.is_live());
  test.clock.advance(30s);
  CHECK(test.verdict(kPassword, test.code()) == "denied wrong_password");
  CHECK(test.verdict(kNewPassword, test.code()) == "granted proven");
  CHECK(must(test->attempts().count({subject_of(test.hanako), "totp", "10.9.9.9"})).failures == 5);
}

TEST_CASE("unlocking lifts delays and locks of both factors at every source", "[authn]") {
  WithSession test;
  test.fail_at("password", "10.1.2.3", 5);
  test.fail_at("totp", "terminal:t1", 7);
  test.fail_at("totp", "*", 12);
  const auto unlocked = must(test.administration().unlock("hanako"));
  CHECK(unlocked.cleared == 3);
  CHECK(unlocked.still_disabled.empty());
  CHECK(must(test->attempts().of_subject(subject_of(test.hanako))).empty());
}

TEST_CASE("unlocking does not lift the hard limit, and says which factor must be set anew",
          "[authn]") {
  WithSession test;
  test.fail_at("totp", "*", 100);
  test.fail_at("totp", "10.1.2.3", 5);
  const auto unlocked = must(test.administration().unlock("hanako"));
  CHECK(unlocked.still_disabled == std::vector<std::string>{"totp"});
  test.clock.advance(24h);
  CHECK(test.verdict(kPassword, test.code()) == "locked factor_disabled");
  must(test.enrollment().remove_totp(test.token));
  test.add_token("09876543210987654321");
  CHECK(test.verdict(kPassword, test.code(0, "09876543210987654321")) == "granted proven");
}

TEST_CASE("a password past the hard limit works again when it was set anew", "[authn]") {
  WithSession test;
  test.fail_at("password", "*", 100);
  CHECK(test.verdict(kPassword, test.code()) == "locked factor_disabled");
  CHECK(must(test.administration().unlock("hanako")).still_disabled ==
        std::vector<std::string>{"password"});
  must(test.administration().set_password("hanako", Secret(kNewPassword)));
  test.clock.advance(30s);
  CHECK(test.verdict(kNewPassword, test.code()) == "granted proven");
}

TEST_CASE("unlocking one user leaves another's counters", "[authn]") {
  WithSession test;
  test.fail_at("totp", "*", 5);
  must(test.administration().add_user("taro", "", {}));
  CHECK(must(test.administration().unlock("taro")).cleared == 0);
  CHECK(must(test->attempts().of_subject(subject_of(test.hanako))).size() == 1);
}

TEST_CASE("an ended session is not there to be ended", "[authn]") {
  WithSession test;
  must(test.administration().end_session(test.session));
  CHECK_FALSE(test.is_live());
  const std::string number = std::to_string(test.session.value);
  CHECK(outcome_of(test.administration().end_session(test.session)) ==
        "not_found: there is no live session " + number);
  CHECK(outcome_of(test.administration().end_session({4711})) ==
        "not_found: there is no live session 4711");
}

TEST_CASE("ending a person's sessions says how many there were", "[authn]") {
  WithSession test;
  test.open_one();
  CHECK(must(test.administration().end_sessions_of("hanako")) == 2);
  CHECK(must(test.administration().end_sessions_of("hanako")) == 0);
  CHECK_FALSE(test.is_live());
}

TEST_CASE("a removed user is gone with everything, counters too", "[authn]") {
  WithSession test;
  test.fail_at("totp", "*", 5);
  must(test.administration().remove_user("hanako"));
  CHECK_FALSE(test.is_live());
  CHECK(must(test->attempts().of_subject(subject_of(test.hanako))).empty());
  CHECK(test.verdict(kPassword, test.code()) == "denied unknown_user");
}

TEST_CASE("a terminal's name is given once, unless it is invited again", "[authn]") {
  TestTown test;
  auto administration = test.administration();
  must(administration.invite_terminal("t1", false));
  CHECK_THAT(outcome_of(administration.invite_terminal("t1", false)),
             has("already_exists: there is a terminal t1 already: --again "));
  CHECK_THAT(outcome_of(administration.invite_terminal("t 1", false)),
             has("invalid: a terminal name must"));
}

TEST_CASE("a terminal that is not there, or is revoked, is not revoked", "[authn]") {
  TestTown test;
  CHECK(outcome_of(test.administration().revoke_terminal("t1")) ==
        "not_found: there is no terminal t1");
  test.add_terminal("t1");
  must(test.administration().revoke_terminal("t1"));
  CHECK(outcome_of(test.administration().revoke_terminal("t1")) ==
        "conflict: the terminal t1 is revoked already");
}

TEST_CASE("inviting a terminal again ends its certificates at once and lifts a revocation",
          "[authn]") {
  TestTown test;
  const auto id = test.add_terminal("t1");
  must(test.administration().revoke_terminal("t1"));
  const auto before = must(test->terminals().find(id)).value();
  const auto invitation = must(test.administration().invite_terminal("t1", true));
  const auto waiting = must(test->terminals().find(id)).value();
  CHECK(waiting.generation > before.generation);
  CHECK_FALSE(waiting.joined_at);
  CHECK(must(join_terminal(*test, test.policy.throttle, invitation.token.reveal_text(), "10.1.2.3",
                           test.clock.now()))
            .terminal);
  CHECK_FALSE(must(test->terminals().find(id))->revoked_at);
}

TEST_CASE("a join token is 26 base32 characters and good for the policy's hour", "[authn]") {
  TestTown test;
  const auto invitation = must(test.administration().invite_terminal("t1", false));
  CHECK(invitation.token.size() == 26);
  CHECK(invitation.expires_at == test.clock.now() + 1h);
}

}  // namespace
}  // namespace sekisho::authn
