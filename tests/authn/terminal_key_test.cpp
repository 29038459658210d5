// Security keys at terminals: which door asks for what, and what a stranger can learn of them.

#include <set>

#include "authn/terminal_access.h"
#include "base/text.h"
#include "tests/support/key_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::KeyTown;
using testing::kPassword;
using testing::must;
using testing::PaperKey;

struct WithTerminal : KeyTown {
  store::TerminalId terminal = add_terminal("t1");

  BegunLogin begin(std::string_view service, std::string_view remote_host = "") {
    return must(begin_terminal_login(
        keyring, random, policy, terminal,
        {"hanako", std::string(service), "tty1", std::string(remote_host)}, clock.now()));
  }
  Claim at_terminal(Assurance require, std::string_view user = "hanako") {
    Claim claim = TestTown::claim(user, "terminal:t1");
    claim.terminal = {terminal, 1};
    claim.require = require;
    return claim;
  }
  Presented with_password(PresentedKey presented) {
    Presented what = shown(std::move(presented));
    what.password = Secret(kPassword);
    return what;
  }
  std::vector<Bytes> allow_list(std::string_view name) {
    return must(allow_list_for(**this, secret.reveal(), name));
  }
  Secret secret{random.bytes(32)};
};

// ---- what a door asks for

TEST_CASE("a terminal that asks for a key refuses a code, and does not consume it", "[authn]") {
  WithTerminal test;
  for (const Assurance require : {Assurance::kSecurityKey, Assurance::kVerifiedKey}) {
    CHECK(test.verdict(test.at_terminal(require), test.presented(kPassword, test.code())) ==
          "denied not_enough");
    CHECK(test.last_audit() ==
          "login_totp denied user:hanako user:hanako terminal:t1 "
          "{\"reason\":\"not_enough\",\"place\":\"portal\"}");
    CHECK(test.failures("totp") == 0);
  }
  CHECK(test.verdict(test.at_terminal(Assurance::kSecondFactor),
                     test.presented(kPassword, test.code())) == "granted proven");
}

TEST_CASE("a terminal that asks for a key refuses a recovery code, and does not consume it",
          "[authn]") {
  WithTerminal test;
  const auto codes = must(test.enrollment().issue_recovery_codes("hanako"));
  const std::string code(codes[0].reveal_text());
  const Claim claim = test.at_terminal(Assurance::kSecurityKey);
  for (int i = 0; i < 7; ++i) {
    CHECK(test.verdict(claim, test.with_recovery(kPassword, code)) == "denied not_enough");
  }
  CHECK(test.failures("recovery") == 0);
  const Presented what = test.with_recovery(kPassword, code);
  Prepared prepared = must(test.login.prepare(*test, claim, what, test.clock.now()));
  must(test.login.compute(prepared, what));
  CHECK(prepared.recovery_hash.empty());  // it costs nothing
  CHECK(test.verdict(test.at_terminal(Assurance::kSecondFactor),
                     test.with_recovery(kPassword, code)) == "granted proven");
}

TEST_CASE("a terminal that asks for a key refuses an enrolment code and a password alone",
          "[authn]") {
  WithTerminal test;
  const Claim claim = test.at_terminal(Assurance::kSecurityKey);
  Presented what = test.presented(kPassword);
  CHECK(test.verdict(claim, what) == "denied not_enough");
  CHECK(test.verdict(test.at_terminal(Assurance::kSecondFactor), what) == "denied not_enough");
  what.second_factor = Factor::kEnrolmentCode;
  what.code = Secret("ABCD-EFGH-JKLMN");
  CHECK(test.verdict(claim, what) == "denied not_enough");
  CHECK(test.failures("enrolment_code") == 0);
}

TEST_CASE("a refusal for want of a better factor tells neither who it is nor what was proven",
          "[authn]") {
  WithTerminal test;
  const LoginResult result = test.log_in(test.at_terminal(Assurance::kSecurityKey),
                                         test.presented(kPassword, test.code()));
  CHECK_FALSE(result.user);
  CHECK(result.factors.empty());
  CHECK_FALSE(must(test->users().find(test.hanako))->last_login_at);
}

TEST_CASE("a terminal that asks for a verified holder refuses a key that was only touched",
          "[authn]") {
  WithTerminal test;
  test.key.is_verified = false;
  CHECK(test.verdict(test.at_terminal(Assurance::kVerifiedKey),
                     test.with_password(test.answer(test.key))) == "denied key_not_verified");
  CHECK(test.failures() == 1);
  CHECK(test.verdict(test.at_terminal(Assurance::kSecurityKey),
                     test.with_password(test.answer(test.key))) == "granted proven");
  test.key.is_verified = true;
  const LoginResult result = test.log_in(test.at_terminal(Assurance::kVerifiedKey),
                                         test.with_password(test.answer(test.key)));
  CHECK(result.assurance == Assurance::kVerifiedKey);
  CHECK(test.row().last_used_from == "terminal:t1");
}

TEST_CASE("an answer made for one door is refused at another", "[authn]") {
  WithTerminal test;
  PresentedKey presented = test.answer(test.key);
  presented.origins = {"https://terminal.example"};
  CHECK(test.verdict(test.at_terminal(Assurance::kSecurityKey), test.with_password(presented)) ==
        "denied key_refused");
  CHECK_THAT(test.last_audit(), has("\"fault\":\"wrong_origin\""));
}

TEST_CASE("a key is not looked at when the terminal was revoked", "[authn]") {
  WithTerminal test;
  must(test.administration().revoke_terminal("t1"));
  CHECK(test.verdict(test.at_terminal(Assurance::kSecurityKey),
                     test.with_password(test.answer(test.key))) == "denied terminal_gone");
  CHECK(test.row().sign_count == 1);
}

TEST_CASE("a key alone opens no terminal, whether a name was given or not", "[authn]") {
  WithTerminal test;
  test.policy.security_keys.allows_passwordless = true;
  for (const char* user : {"", "hanako"}) {
    for (const Assurance require : {Assurance::kPassword, Assurance::kVerifiedKey}) {
      const LoginResult result =
          test.log_in(test.at_terminal(require, user), test.shown(test.naming_answer(test.key)));
      CHECK(result.verdict.outcome == Outcome::kDenied);
      CHECK_FALSE(result.user);
    }
  }
  CHECK(test.row().sign_count == 1);
}

TEST_CASE("the factors named are those that reach what the service asks for", "[authn]") {
  WithTerminal test;
  using Factors = std::vector<Factor>;
  const Factors any{Factor::kPassword, Factor::kSecurityKey, Factor::kTotp, Factor::kRecovery};
  const Factors key_only{Factor::kPassword, Factor::kSecurityKey};
  test.policy.terminal.services = {{"sudo", Assurance::kSecurityKey},
                                   {"gdm", Assurance::kVerifiedKey}};
  CHECK(test.begin("login").factors == any);
  CHECK_FALSE(test.begin("login").verifies_user);
  CHECK(test.begin("sudo").factors == key_only);
  CHECK_FALSE(test.begin("sudo").verifies_user);
  CHECK(test.begin("gdm").factors == key_only);
  CHECK(test.begin("gdm").verifies_user);
  test.policy.security_keys.requires_user_verification = true;
  CHECK(test.begin("login").factors == any);
  CHECK(test.begin("login").verifies_user);
}

TEST_CASE("who logs in from elsewhere is asked for no key", "[authn]") {
  WithTerminal test;
  CHECK(test.begin("sshd", "10.1.2.3").factors ==
        std::vector<Factor>{Factor::kPassword, Factor::kTotp, Factor::kRecovery});
  test.policy.terminal.require = Assurance::kSecurityKey;
  CHECK(test.begin("sshd", "10.1.2.3").factors == std::vector<Factor>{Factor::kPassword});
}

TEST_CASE("a login's challenge is the one its ticket has, and no other login's", "[authn]") {
  WithTerminal test;
  const BegunLogin one = test.begin("login");
  const BegunLogin other = test.begin("login");
  CHECK(one.challenge.size() == 32);
  CHECK(one.challenge != other.challenge);
  const auto ticket =
      must(take_terminal_login(*test, test.keyring, one.ticket, test.terminal, test.clock.now()));
  CHECK(ticket->challenge == one.challenge);
}

TEST_CASE("a service asks for what its name does, and others for what all do", "[authn]") {
  TerminalPolicy policy;
  policy.require = Assurance::kSecondFactor;
  policy.services = {{"sudo", Assurance::kSecurityKey}, {"i3lock", Assurance::kVerifiedKey}};
  CHECK(policy.required_by("sudo") == Assurance::kSecurityKey);
  CHECK(policy.required_by("user:sudo") == Assurance::kSecurityKey);
  CHECK(policy.required_by("sudo-i") == Assurance::kSecurityKey);
  CHECK(policy.required_by("user:i3lock") == Assurance::kVerifiedKey);
  for (const char* other : {"", "login", "Sudo", "sudo ", "sudo-x", "user:", "user:user:sudo",
                            "root:sudo", "usersudo"}) {
    INFO(other);
    CHECK(policy.required_by(other) == Assurance::kSecondFactor);
  }
  policy.require = Assurance::kVerifiedKey;
  CHECK(policy.required_by("login") == Assurance::kVerifiedKey);
  CHECK(policy.required_by("sudo") == Assurance::kSecurityKey);
}

// ---- what a stranger can learn

TEST_CASE("a stranger is asked for one or two keys of ordinary looks", "[authn]") {
  WithTerminal test;
  std::set<std::size_t> counts;
  std::set<std::size_t> sizes;
  std::set<Bytes> ids;
  std::size_t in_all = 0;
  for (int i = 0; i < 100; ++i) {
    const auto list = test.allow_list("nobody" + std::to_string(i));
    counts.insert(list.size());
    in_all += list.size();
    for (const Bytes& id : list) {
      sizes.insert(id.size());
      ids.insert(id);
    }
  }
  CHECK(counts == std::set<std::size_t>{1, 2});
  CHECK(sizes == std::set<std::size_t>{48, 64});
  CHECK(ids.size() == in_all);
}

TEST_CASE("a stranger's keys are always the same for a name, whatever happens in the store",
          "[authn]") {
  WithTerminal test;
  for (const std::string& name : {std::string("nobody"), std::string(), std::string("\0\xff", 2),
                                  std::string(1 << 16, 'x')}) {
    const auto list = test.allow_list(name);
    CHECK_FALSE(list.empty());
    test.clock.advance(24h);
    test.hire("taro" + std::to_string(name.size()));
    test.reopen();
    CHECK(test.allow_list(name) == list);
  }
  CHECK(test.allow_list("nobody") != test.allow_list("Nobody"));
}

TEST_CASE("a stranger's keys cannot be made without our key", "[authn]") {
  WithTerminal test;
  const auto list = test.allow_list("nobody");
  test.secret = Secret(test.random.bytes(32));
  CHECK(test.allow_list("nobody") != list);
}

TEST_CASE("who has no key looks the same as before there was such a person", "[authn]") {
  WithTerminal test;
  const auto before = test.allow_list("taro");
  test.hire("taro");
  CHECK(test.allow_list("taro") == before);
  PaperKey taros;
  const auto id = test.bind(taros, "taro");
  CHECK(test.allow_list("taro") == std::vector<Bytes>{taros.credential_id});
  const store::User taro = test.user("taro");
  must(remove_key(*test, taro, id, {}, {"user:taro", "x"}, test.clock.now()));
  CHECK(test.allow_list("taro") == before);
}

TEST_CASE("a person is asked for each of the person's own keys, and no colleague's", "[authn]") {
  WithTerminal test;
  PaperKey second;
  PaperKey taros;
  test.bind(second);
  test.hire("taro");
  test.bind(taros, "taro");
  CHECK(test.allow_list("hanako") ==
        std::vector<Bytes>{test.key.credential_id, second.credential_id});
}

TEST_CASE("a store that cannot say who has keys asks for none, and says so", "[authn]") {
  for (const char* table : {"users", "security_keys"}) {
    WithTerminal test;
    test.sql("PRAGMA foreign_keys = OFF; DROP TABLE " + std::string(table));
    CHECK_FALSE(allow_list_for(*test, test.secret.reveal(), "hanako"));
  }
}

}  // namespace
}  // namespace sekisho::authn
