#include "authn/login.h"

#include "base/text.h"
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

constexpr std::string_view kWrong = "another password";

// ---- refusals

TEST_CASE("a wrong password is refused", "[authn]") {
  TestTown test;
  CHECK(test.verdict(test.claim(), test.presented(kWrong)) == "denied wrong_password");
  CHECK(test.verdict(test.claim(), test.presented("")) == "denied wrong_password");
  CHECK(test.last_audit() ==
        "login_password denied user:hanako user:hanako 10.1.2.3 "
        "{\"reason\":\"wrong_password\",\"place\":\"portal\"}");
}

TEST_CASE("a wrong code is refused after the right password", "[authn]") {
  TestTown test;
  for (const std::string& code :
       {std::string(), std::string("000000"), std::string("12345"), std::string(1 << 20, '0'),
        test.code(2), test.code(-2), std::string(6, '\0'), std::string("\xff\xfe")}) {
    if (code == test.code() || code == test.code(1) || code == test.code(-1)) continue;
    CHECK(test.verdict(kPassword, code) == "denied wrong_code");
    test.clock.advance(24h);
    must(test.administration().unlock("hanako"));
  }
}

TEST_CASE("a code without a proven password is not even looked at", "[authn]") {
  TestTown test;
  const auto rows = test.audit().size();
  const LoginResult result = test.log_in(test.claim(), test.presented(std::nullopt, test.code()));
  CHECK(result.verdict.outcome == Outcome::kDenied);
  CHECK_FALSE(result.user);
  CHECK(test.audit().size() == rows);
  CHECK(test.verdict(kPassword, test.code()) == "granted proven");
}

TEST_CASE("nothing presented is refused", "[authn]") {
  TestTown test;
  CHECK(test.log_in(test.claim(), {}).verdict.outcome == Outcome::kDenied);
}

TEST_CASE("a wrong password does not consume the code that came with it", "[authn]") {
  TestTown test;
  CHECK(test.verdict(kWrong, test.code()) == "denied wrong_password");
  CHECK(test.verdict(kPassword, test.code()) == "granted proven");
}

TEST_CASE("a wrong password does not count against the code that came with it", "[authn]") {
  TestTown test;
  test.verdict(kWrong, "000000");
  CHECK(must(test->attempts().count({subject_of(test.hanako), "totp", "*"})).failures == 0);
  CHECK(must(test->attempts().count({subject_of(test.hanako), "password", "*"})).failures == 1);
}

TEST_CASE("a code that was accepted is refused as used the second time", "[authn]") {
  TestTown test;
  const std::string code = test.code();
  CHECK(test.verdict(kPassword, code) == "granted proven");
  CHECK(test.verdict(kPassword, code) == "denied code_used");
  CHECK_THAT(test.last_audit(), has("login_totp denied user:hanako"));
  CHECK_THAT(test.last_audit(), has("\"reason\":\"code_used\""));
  test.next_step();
  CHECK(test.verdict(kPassword, code) == "denied code_used");  // still inside the window
}

TEST_CASE("a code accepted at one door is refused at another", "[authn]") {
  TestTown test;
  const std::string code = test.code();
  Claim terminal = test.claim("hanako", "terminal:t1");
  terminal.proven_factors = "password";
  CHECK(test.verdict(kPassword, code) == "granted proven");
  CHECK(test.verdict(terminal, test.presented(std::nullopt, code)) == "denied code_used");
}

TEST_CASE("a code is refused after a newer one was accepted", "[authn]") {
  TestTown test;
  const std::string older = test.code();
  CHECK(test.verdict(kPassword, test.code(1)) == "granted proven");
  CHECK(test.verdict(kPassword, older) == "denied code_used");
}

TEST_CASE("a refusal says neither who it is nor what was proven", "[authn]") {
  TestTown test;
  const LoginResult result = test.log_in(test.claim(), test.presented(kPassword, "000000"));
  CHECK_FALSE(result.user);
  CHECK(result.assurance == Assurance::kPassword);
  CHECK(result.factors.empty());
}

TEST_CASE("an unknown user is refused in the shape of a wrong password", "[authn]") {
  TestTown test;
  const auto before = test.audit().size();
  const LoginResult known = test.log_in(test.claim("hanako"), test.presented(kWrong, "000000"));
  const auto after_known = test.audit().size();
  const LoginResult unknown = test.log_in(test.claim("taro"), test.presented(kWrong, "000000"));
  CHECK(unknown.verdict.outcome == known.verdict.outcome);
  CHECK(unknown.verdict.retry_at == known.verdict.retry_at);
  CHECK(unknown.verdict.reason == Reason::kUnknownUser);
  CHECK(after_known - before == test.audit().size() - after_known);
}

TEST_CASE("an unknown user is slowed down and locked like a known one", "[authn]") {
  TestTown test;
  for (const std::string_view user : {"hanako", "taro"}) {
    const Instant start = test.clock.now();
    std::string verdicts;
    for (int i = 0; i < 6; ++i) {
      const auto result = test.log_in(test.claim(user), test.presented(kWrong));
      verdicts += std::string(name_of(result.verdict.outcome)) + " ";
      if (result.verdict.retry_at) test.clock.set(*result.verdict.retry_at);
    }
    INFO(user);
    CHECK(verdicts == "denied denied denied locked denied locked ");
    CHECK(test.clock.now() - start == 6s);
    test.clock.advance(24h);
  }
}

TEST_CASE("what an unknown user typed is in no audit row and no counter", "[authn]") {
  TestTown test;
  const std::string typed = "my-password-in-the-wrong-field";
  test.verdict(test.claim(typed), test.presented(kWrong, "000000"));
  Claim vouched = test.claim(typed);
  vouched.proven_factors = "password";
  test.verdict(vouched, test.presented(std::nullopt, "000000"));
  for (const store::AuditRow& row : test.audit()) {
    CHECK((row.actor + row.subject + row.source + row.detail).find(typed) == std::string::npos);
  }
  CHECK(test.number("SELECT count(*) FROM attempts WHERE subject LIKE '%my-password%'") == 0);
  CHECK_THAT(test.last_audit(), has("login_totp denied unknown unknown 10.1.2.3 "));
  CHECK_THAT(test.last_audit(), has("\"claimed\":\""));
}

TEST_CASE("a name of any bytes and any length is refused like an unknown one", "[authn]") {
  TestTown test;
  for (const std::string& name :
       {std::string(), std::string("hanako\0", 7), std::string("\xff\xfe"),
        std::string("' OR 1 --"), std::string(1 << 16, 'a'), std::string("Hanako"),
        std::string("hanako "), std::string("*"), std::string("user:1")}) {
    CHECK(test.verdict(test.claim(name), test.presented(kPassword, test.code())) ==
          "denied unknown_user");
    for (const auto& row : test.audit()) CHECK(is_utf8(row.detail));
  }
}

TEST_CASE("an unknown user for whom a terminal vouches has no credential", "[authn]") {
  TestTown test;
  for (const Factor factor : {Factor::kTotp, Factor::kRecovery}) {
    Claim claim = test.claim("taro", "terminal:t1");
    claim.proven_factors = "password";
    Presented what;
    what.second_factor = factor;
    what.code = Secret(test.code());
    CHECK(test.verdict(claim, what) == "denied no_credential");
  }
}

TEST_CASE("a disabled user is refused with the right password, and only then told so", "[authn]") {
  TestTown test;
  must(test.administration().set_enabled("hanako", false));
  CHECK(test.verdict(kWrong, test.code()) == "denied wrong_password");
  CHECK(test.verdict(kPassword, test.code()) == "denied user_disabled");
}

TEST_CASE("a disabled user for whom a terminal vouches is refused, and the code not consumed",
          "[authn]") {
  TestTown test;
  Claim claim = test.claim("hanako", "terminal:t1");
  claim.proven_factors = "password";
  must(test.administration().set_enabled("hanako", false));
  CHECK(test.verdict(claim, test.presented(std::nullopt, test.code())) == "denied user_disabled");
  must(test.administration().set_enabled("hanako", true));
  CHECK(test.verdict(claim, test.presented(std::nullopt, test.code())) == "granted proven");
}

// What an administrator did while Argon2id was computing.
std::string verdict_after(TestTown& test, const Presented& what,
                          const std::function<void()>& meanwhile) {
  Prepared prepared = must(test.login.prepare(*test, test.claim(), what, test.clock.now()));
  must(test.login.compute(prepared, what));
  meanwhile();
  const auto result =
      must(test.login.decide(*test, test.claim(), prepared, what, test.clock.now()));
  return std::string(name_of(result.verdict.outcome)) + " " +
         std::string(name_of(result.verdict.reason));
}

TEST_CASE("a user who was disabled while the password was computed is refused", "[authn]") {
  TestTown test;
  CHECK(verdict_after(test, test.presented(kPassword, test.code()), [&] {
          must(test.administration().set_enabled("hanako", false));
        }) == "denied user_disabled");
}

TEST_CASE("a user who was removed while the password was computed is refused", "[authn]") {
  TestTown test;
  CHECK(verdict_after(test, test.presented(kPassword, test.code()), [&] {
          must(test.administration().remove_user("hanako"));
        }) == "denied unknown_user");
}

TEST_CASE("a password that was set anew while the old one was computed is refused", "[authn]") {
  TestTown test;
  CHECK(verdict_after(test, test.presented(kPassword, test.code()), [&] {
          must(test.administration().set_password("hanako", Secret("quite another one")));
        }) == "denied wrong_password");
}

TEST_CASE("recovery codes issued anew while an old one was computed end the old one", "[authn]") {
  TestTown test;
  const auto codes = must(test.enrollment().issue_recovery_codes("hanako"));
  CHECK(verdict_after(test, test.with_recovery(kPassword, codes[0].reveal_text()), [&] {
          must(test.enrollment().issue_recovery_codes("hanako"));
        }) == "denied wrong_code");
}

TEST_CASE("a user without a password is refused", "[authn]") {
  TestTown test;
  must(test.administration().add_user("taro", "", {}));
  CHECK(test.verdict(test.claim("taro"), test.presented("")) == "denied no_password");
  CHECK(test.verdict(test.claim("taro"), test.presented(kPassword)) == "denied no_password");
}

TEST_CASE("a user without a token is refused", "[authn]") {
  TestTown test;
  must(test.enrollment().remove_totp(test.token));
  CHECK(test.verdict(kPassword, test.code()) == "denied no_credential");
}

TEST_CASE("a token that was not confirmed opens nothing", "[authn]") {
  TestTown test;
  must(test.enrollment().remove_totp(test.token));
  Enrollment::NewTotp totp;
  totp.seed = Secret(kSeed);
  const auto added = must(test.enrollment().add_totp("hanako", std::move(totp)));
  CHECK(test.verdict(kPassword, test.code()) == "denied no_credential");
  must(test.enrollment().confirm_totp(added.id, test.code()));
  test.next_step();
  CHECK(test.verdict(kPassword, test.code()) == "granted proven");
}

TEST_CASE("another person's code opens nothing", "[authn]") {
  TestTown test;
  must(test.administration().add_user("taro", "", {}));
  const std::string_view seed = "09876543210987654321";
  test.add_token(seed, "taro");
  CHECK(test.verdict(kPassword, test.code(0, seed)) == "denied wrong_code");
}

TEST_CASE("a locked factor is refused with the end of the lock, also with the right code",
          "[authn]") {
  TestTown test;
  for (int wrong = 0; wrong < 5;) {
    const auto guess = test.log_in(test.claim(), test.presented(kPassword, "000000"));
    if (guess.verdict.retry_at) {
      test.clock.set(*guess.verdict.retry_at);
    } else {
      ++wrong;
    }
  }
  const LoginResult result = test.log_in(test.claim(), test.presented(kPassword, test.code()));
  CHECK(result.verdict.outcome == Outcome::kLocked);
  CHECK(result.verdict.reason == Reason::kThrottled);
  CHECK(result.verdict.retry_at == test.clock.now() + 15min);
  CHECK_THAT(test.last_audit(), has("login_totp locked"));
  CHECK_THAT(test.last_audit(), has("\"retry_at\":\"" + rfc3339(test.clock.now() + 15min)));
}

TEST_CASE("a locked password is refused without hashing, and its code is not consumed", "[authn]") {
  TestTown test;
  for (int i = 0; i < 3; ++i) test.verdict(kWrong, test.code());
  CHECK(test.verdict(kPassword, test.code()) == "locked throttled");
  test.clock.advance(2s);
  CHECK(test.verdict(kPassword, test.code()) == "granted proven");
}

TEST_CASE("refusals of a locked factor are told once a minute, with their number", "[authn]") {
  TestTown test;
  for (int i = 0; i < 5; ++i) {
    test.verdict(kPassword, "000000");
    test.clock.advance(i < 4 ? 1min : 0min);
  }
  REQUIRE(test.verdict(kPassword, test.code()) == "locked throttled");
  const auto rows = test.audit().size();
  for (int i = 0; i < 9; ++i) REQUIRE(test.verdict(kPassword, test.code()) == "locked throttled");
  CHECK(test.audit().size() == rows + 9);  // the nine right passwords
  test.clock.advance(1min);
  test.verdict(kPassword, test.code());
  CHECK_THAT(test.last_audit(), has("login_totp locked"));
  CHECK_THAT(test.last_audit(), has("\"refusals\":10"));
}

TEST_CASE("a locked recovery code is refused before it costs anything", "[authn]") {
  TestTown test;
  must(test.enrollment().issue_recovery_codes("hanako"));
  const auto what = test.with_recovery(kPassword, "AAAA-AAAA-AAAA-AAAA");
  for (int i = 0; i < 3; ++i) test.verdict(test.claim(), what);
  Prepared prepared = must(test.login.prepare(*test, test.claim(), what, test.clock.now()));
  CHECK(prepared.recovery_refused);
  must(test.login.compute(prepared, what));
  CHECK(prepared.recovery_hash.empty());
}

TEST_CASE("no code is refused and is no attempt, but the password with it is", "[authn]") {
  TestTown test;
  Claim at_terminal = test.claim();
  at_terminal.terminal = {test.add_terminal("t1"), 1};
  const std::string none(kNoCode);
  CHECK(test.verdict(at_terminal, test.presented(kPassword, none)) == "denied no_code");
  CHECK(test.verdict(at_terminal, test.presented(kWrong, none)) == "denied wrong_password");
  CHECK(must(test->attempts().count({"user:1", "totp", "*"})).failures == 0);
  CHECK(must(test->attempts().count({"user:1", "password", "*"})).failures == 1);
  // Of a browser it is a code like any other, and a wrong one.
  CHECK(test.verdict(kPassword, none) == "denied wrong_code");
  CHECK(must(test->attempts().count({"user:1", "totp", "*"})).failures == 1);
}

TEST_CASE("no code from a terminal is slowed down at its source", "[authn]") {
  TestTown test;
  Claim at_terminal = test.claim();
  at_terminal.terminal = {test.add_terminal("t1"), 1};
  const auto what = test.presented(kPassword, kNoCode);
  for (int i = 0; i < test.policy.throttle.source_after; ++i) {
    CHECK(test.verdict(at_terminal, what) == "denied no_code");
  }
  CHECK(test.verdict(at_terminal, what) == "locked throttled");
}

TEST_CASE("a recovery code is not hashed after a wrong password", "[authn]") {
  TestTown test;
  const auto what = test.with_recovery(kWrong, "AAAA-AAAA-AAAA-AAAA");
  Prepared prepared = must(test.login.prepare(*test, test.claim(), what, test.clock.now()));
  must(test.login.compute(prepared, what));
  CHECK(prepared.recovery_hash.empty());
}

TEST_CASE("a recovery code that nobody looked at is no attempt", "[authn]") {
  TestTown test;
  must(test.enrollment().issue_recovery_codes("hanako"));
  test.verdict(test.claim(), test.with_recovery(kWrong, "AAAA-AAAA-AAAA-AAAA"));
  CHECK(must(test->attempts().count({"user:1", "recovery", "*"})).failures == 0);
  CHECK(must(test->attempts().count({"user:1", "password", "*"})).failures == 1);
}

TEST_CASE("a terminal that was revoked while the password was computed lets nobody in", "[authn]") {
  TestTown test;
  const auto terminal = test.add_terminal("t1");
  Claim claim = test.claim();
  claim.source = "terminal:t1";
  claim.terminal = {terminal, 1};
  const Presented what = test.presented(kPassword, test.code());
  Prepared prepared = must(test.login.prepare(*test, claim, what, test.clock.now()));
  must(test.login.compute(prepared, what));
  SECTION("as it was") {
    CHECK(must(test.login.decide(*test, claim, prepared, what, test.clock.now()))
              .verdict.is_granted());
  }
  SECTION("revoked") {
    must(test.administration().revoke_terminal("t1"));
    CHECK(must(test.login.decide(*test, claim, prepared, what, test.clock.now())).verdict.reason ==
          Reason::kTerminalGone);
    CHECK_THAT(test.last_audit(), has("\"reason\":\"terminal_gone\""));
  }
  SECTION("joined again") {
    claim.terminal = {terminal, 0};
    CHECK(must(test.login.decide(*test, claim, prepared, what, test.clock.now())).verdict.reason ==
          Reason::kTerminalGone);
  }
}

TEST_CASE("a login decided without having been computed is refused", "[authn]") {
  TestTown test;
  const Presented what = test.presented(kPassword, test.code());
  const Prepared prepared = must(test.login.prepare(*test, test.claim(), what, test.clock.now()));
  const LoginResult result =
      must(test.login.decide(*test, test.claim(), prepared, what, test.clock.now()));
  CHECK(result.verdict.reason == Reason::kWrongPassword);
}

// ---- a store that is broken

TEST_CASE("a seed that does not open is an error, never a grant", "[authn]") {
  TestTown test;
  test.sql("UPDATE totp_credentials SET period = 60");
  CHECK_THAT(test.verdict(kPassword, test.code()), has("corrupt: a sealed value does not open"));
}

TEST_CASE("a password hash that is malformed is an error, and the attempt is taken back",
          "[authn]") {
  TestTown test;
  test.sql("UPDATE passwords SET hash = 'x'");
  CHECK(test.verdict(kPassword, test.code()) ==
        "corrupt: a password hash in the store is malformed");
  CHECK(must(test->attempts().count({subject_of(test.hanako), "password", "*"})).failures == 0);
}

TEST_CASE("a password keyed with a key that is gone is an error", "[authn]") {
  TestTown test;
  test.sql("UPDATE passwords SET key_id = 'k9'");
  CHECK(test.verdict(kPassword, test.code()) ==
        "not_found: the key file has no key with the id k9");
}

TEST_CASE("a login that cannot be written down is an error, and consumes nothing", "[authn]") {
  TestTown test;
  test.block_audit();
  CHECK_THAT(test.verdict(kPassword, test.code()), has("invalid: "));
  test.sql("DROP TRIGGER no_more");
  CHECK(test.verdict(kPassword, test.code()) == "granted proven");
}

TEST_CASE("a store without its tables is an error at every part of a login", "[authn]") {
  for (const char* table : {"users", "passwords", "attempts", "totp_credentials", "audit_log"}) {
    TestTown test;
    test.sql("PRAGMA foreign_keys = OFF; DROP TABLE " + std::string(table));
    INFO(table);
    CHECK_FALSE(test.try_login(test.claim(), test.presented(kPassword, test.code())));
  }
}

// ---- grants

TEST_CASE("the right password and a new code are granted", "[authn]") {
  TestTown test;
  const LoginResult result = test.log_in(test.claim(), test.presented(kPassword, test.code()));
  CHECK(result.verdict.is_granted());
  CHECK(result.verdict.reason == Reason::kProven);
  CHECK(result.user->id == test.hanako);
  CHECK(result.assurance == Assurance::kSecondFactor);
  CHECK(result.factors == "password totp");
  CHECK_THAT(test.last_audit(), has("login_totp granted user:hanako user:hanako 10.1.2.3 "));
}

TEST_CASE("the right password alone proves only the password", "[authn]") {
  TestTown test;
  const LoginResult result = test.log_in(test.claim(), test.presented(kPassword));
  CHECK(result.verdict.is_granted());
  CHECK(result.assurance == Assurance::kPassword);
  CHECK(result.factors == "password");
  CHECK_FALSE(must(test->users().find(test.hanako))->last_login_at);
}

TEST_CASE("a code after a password that was proven before is granted", "[authn]") {
  TestTown test;
  Claim claim = test.claim();
  claim.proven_factors = "password";
  const LoginResult result = test.log_in(claim, test.presented(std::nullopt, test.code()));
  CHECK(result.verdict.is_granted());
  CHECK(result.assurance == Assurance::kSecondFactor);
}

TEST_CASE("the codes of one step before and after are granted", "[authn]") {
  for (const int step : {-1, 1}) {
    TestTown test;
    CHECK(test.verdict(kPassword, test.code(step)) == "granted proven");
  }
}

TEST_CASE("a code typed with spaces or full-width digits is granted", "[authn]") {
  TestTown test;
  const std::string code = test.code();
  CHECK(test.verdict(kPassword, code.substr(0, 3) + " " + code.substr(3)) == "granted proven");
  test.next_step();
  std::string wide;
  for (const char digit : test.code()) {
    wide += "\xef\xbc";
    wide.push_back(static_cast<char>(0x90 + (digit - '0')));
  }
  CHECK(test.verdict(kPassword, wide) == "granted proven");
}

TEST_CASE("either of two tokens is granted, each code once", "[authn]") {
  TestTown test;
  const std::string_view seed = "09876543210987654321";
  test.add_token(seed);
  CHECK(test.verdict(kPassword, test.code(0, seed)) == "granted proven");
  CHECK(test.verdict(kPassword, test.code()) == "granted proven");
  CHECK(test.verdict(kPassword, test.code(0, seed)) == "denied code_used");
}

TEST_CASE("a granted login is written down with what failed before", "[authn]") {
  TestTown test;
  test.verdict(kWrong, test.code());
  test.verdict(kPassword, "000000");
  CHECK(must(test->users().find(test.hanako))->failures_since == 2);
  const LoginResult result = test.log_in(test.claim(), test.presented(kPassword, test.code()));
  CHECK(result.user->failures_since == 2);  // for the person to see
  const store::User user = must(test->users().find(test.hanako)).value();
  CHECK(user.failures_since == 0);
  CHECK(user.last_login_at == test.clock.now());
  CHECK(user.last_login_from == "10.1.2.3 portal");
}

TEST_CASE("success forgets the failures of both factors that succeeded", "[authn]") {
  TestTown test;
  test.verdict(kWrong, test.code());
  test.verdict(kPassword, "000000");
  test.verdict(kPassword, test.code());
  for (const char* factor : {"password", "totp"}) {
    CHECK(must(test->attempts().count({subject_of(test.hanako), factor, "*"})).failures == 0);
  }
}

TEST_CASE("passwords, seeds and recovery codes still work after the sealing key was changed",
          "[authn]") {
  TestTown test;
  const auto codes = must(test.enrollment().issue_recovery_codes("hanako"));
  test.rotate_keys("k2");
  CHECK(test.verdict(kPassword, test.code()) == "granted proven");
  CHECK(test.verdict(test.claim(), test.with_recovery(kPassword, codes[0].reveal_text())) ==
        "granted proven");
}

// ---- drift

TEST_CASE("the drift of a token is learnt from its logins, and the window goes with it",
          "[authn]") {
  TestTown test;
  for (const int ahead : {1, 2, 3}) {
    CHECK(test.verdict(kPassword, test.code(ahead)) == "granted proven");
    CHECK(must(test->totp_credentials().find(test.token))->drift.steps == ahead);
    test.clock.advance(1h);
  }
  CHECK(test.verdict(kPassword, test.code(1)) == "denied wrong_code");  // too far behind now
  CHECK(test.verdict(kPassword, test.code(2)) == "granted proven");
}

TEST_CASE("no more drift is learnt than the policy allows", "[authn]") {
  TestTown test;
  test.policy.totp.drift_most = 2;
  for (const int ahead : {1, 2, 3, 3}) {
    CHECK(test.verdict(kPassword, test.code(ahead)) == "granted proven");
    test.clock.advance(1h);
  }
  CHECK(must(test->totp_credentials().find(test.token))->drift.steps == 2);
  CHECK(test.verdict(kPassword, test.code(4)) == "denied wrong_code");
}

TEST_CASE("codes typed late do not move the window away from an accurate token", "[authn]") {
  TestTown test;
  for (int i = 0; i < 2; ++i) {
    CHECK(test.verdict(kPassword, test.code(-1)) == "granted proven");
    test.clock.advance(1h);
  }
  CHECK(test.verdict(kPassword, test.code(-2)) == "denied wrong_code");
  CHECK(test.verdict(kPassword, test.code(0)) == "granted proven");
}

// ---- recovery codes

TEST_CASE("a recovery code is granted once", "[authn]") {
  TestTown test;
  const auto codes = must(test.enrollment().issue_recovery_codes("hanako"));
  const LoginResult result =
      test.log_in(test.claim(), test.with_recovery(kPassword, codes[3].reveal_text()));
  CHECK(result.verdict.is_granted());
  CHECK(result.factors == "password recovery");
  CHECK(test.verdict(test.claim(), test.with_recovery(kPassword, codes[3].reveal_text())) ==
        "denied wrong_code");
  CHECK(test.verdict(test.claim(), test.with_recovery(kPassword, codes[4].reveal_text())) ==
        "granted proven");
}

TEST_CASE("a recovery code is not consumed by a wrong password", "[authn]") {
  TestTown test;
  const auto codes = must(test.enrollment().issue_recovery_codes("hanako"));
  CHECK(test.verdict(test.claim(), test.with_recovery(kWrong, codes[0].reveal_text())) ==
        "denied wrong_password");
  CHECK(must(test->recovery_codes().remaining(test.hanako)) == Enrollment::kRecoveryCodes);
}

TEST_CASE("recovery codes are refused to another person, after a new set, and when none exist",
          "[authn]") {
  TestTown test;
  const auto codes = must(test.enrollment().issue_recovery_codes("hanako"));
  must(test.administration().add_user("taro", "", {}));
  must(test.administration().set_password("taro", Secret(kPassword)));
  const std::string code(codes[0].reveal_text());
  CHECK(test.verdict(test.claim("taro"), test.with_recovery(kPassword, code)) ==
        "denied wrong_code");
  must(test.enrollment().issue_recovery_codes("hanako"));
  CHECK(test.verdict(test.claim(), test.with_recovery(kPassword, code)) == "denied wrong_code");
}

TEST_CASE("wrong recovery codes are slowed down like wrong codes", "[authn]") {
  TestTown test;
  must(test.enrollment().issue_recovery_codes("hanako"));
  for (int i = 0; i < 3; ++i) {
    CHECK(test.verdict(test.claim(), test.with_recovery(kPassword, "AAAA-AAAA-AAAA-AAAA")) ==
          "denied wrong_code");
  }
  CHECK(test.verdict(test.claim(), test.with_recovery(kPassword, "AAAA-AAAA-AAAA-AAAA")) ==
        "locked throttled");
  CHECK(test.verdict(kPassword, test.code()) == "granted proven");  // the other factor still works
}

}  // namespace
}  // namespace sekisho::authn
