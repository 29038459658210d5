// Signing in at the portal with a key alone: no name typed, no password.

#include <chrono>

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

struct Passwordless : KeyTown {
  Passwordless() { policy.security_keys.allows_passwordless = true; }
  std::string sign_in(PresentedKey presented) {
    return key_verdict(nobody(), std::move(presented));
  }
  std::string sign_in() { return sign_in(naming_answer(key)); }
};

// ---- refusals

TEST_CASE("a key alone is refused unless the policy allows it, and that is slowed down",
          "[authn]") {
  KeyTown test;
  CHECK_FALSE(test.policy.security_keys.allows_passwordless);
  const auto try_it = [&] { return test.key_verdict(test.nobody(), test.naming_answer(test.key)); };
  CHECK(try_it() == "denied not_enough");
  std::string last;
  for (int i = 0; i < test.policy.throttle.source_after; ++i) last = try_it();
  CHECK(last == "locked throttled");
  const auto rows = test.audit().size();
  for (int i = 0; i < 9; ++i) CHECK(try_it() == "locked throttled");
  CHECK(test.audit().size() <= rows + 1);
  CHECK(test.row().sign_count == 1);
  CHECK(test.failures() == 0);  // nobody's key is locked by it
  CHECK(test.key_verdict(test.second_step("hanako", "10.9.9.9"), test.answer(test.key)) ==
        "granted proven");
}

TEST_CASE("a key alone must verify its holder", "[authn]") {
  Passwordless test;
  test.key.is_verified = false;
  CHECK(test.sign_in() == "denied key_not_verified");
  CHECK_THAT(test.last_audit(), has("\"fault\":\"not_verified\""));
  CHECK(test.failures() == 0);
}

TEST_CASE("a key alone must have verified its holder before", "[authn]") {
  Passwordless test;
  PaperKey bare;
  bare.is_verified = false;
  const auto id = test.bind(bare);
  bare.is_verified = true;
  CHECK(test.sign_in(test.naming_answer(bare)) == "denied key_not_verified");
  CHECK_THAT(test.last_audit(), has("\"key\":2,\"label\":\"青い鍵\""));
  CHECK_FALSE(test.row(id).is_verifying);
  CHECK(test.row(id).sign_count == 1);
  // Not with the password beside it once either.
  CHECK(test.key_verdict(test.second_step(), test.answer(bare)) == "granted proven");
  CHECK(test.sign_in(test.naming_answer(bare)) == "denied key_not_verified");
}

TEST_CASE("a key alone must tell the handle of the person who has it", "[authn]") {
  Passwordless test;
  PresentedKey presented = test.naming_answer(test.key);
  SECTION("none") {
    presented.user_handle.clear();
  }
  SECTION("a colleague's") {
    presented.user_handle = must(user_handle(*test, test.random, test.hire("taro")));
  }
  SECTION("one byte more") {
    presented.user_handle.push_back(0);
  }
  SECTION("while the person has none") {
    test.sql("UPDATE users SET handle = NULL");
  }
  CHECK(test.sign_in(presented) == "denied key_unknown");
  CHECK(test.failures() == 0);
  CHECK(test.row().sign_count == 1);
}

TEST_CASE("a key alone of somebody who is disabled is refused", "[authn]") {
  Passwordless test;
  must(test.administration().set_enabled("hanako", false));
  const LoginResult result = test.log_in(test.nobody(), test.shown(test.naming_answer(test.key)));
  CHECK(result.verdict.reason == Reason::kUserDisabled);
  CHECK_FALSE(result.user);
}

TEST_CASE("a key alone is refused when its person is disabled while it is judged", "[authn]") {
  Passwordless test;
  const Presented what = test.shown(test.naming_answer(test.key));
  const Prepared prepared = must(test.login.prepare(*test, test.nobody(), what, test.clock.now()));
  SECTION("disabled") {
    must(test.administration().set_enabled("hanako", false));
    CHECK(must(test.login.decide(*test, test.nobody(), prepared, what, test.clock.now()))
              .verdict.reason == Reason::kUserDisabled);
  }
  SECTION("removed") {
    must(test.administration().remove_user("hanako"));
    CHECK(must(test.login.decide(*test, test.nobody(), prepared, what, test.clock.now()))
              .verdict.reason == Reason::kKeyUnknown);
  }
  SECTION("as it was") {
    CHECK(must(test.login.decide(*test, test.nobody(), prepared, what, test.clock.now()))
              .verdict.is_granted());
  }
}

TEST_CASE("a key alone is refused for each lie that is refused beside a password", "[authn]") {
  for (void (*lie)(PaperKey&) : {+[](PaperKey& key) { key.origin = "https://town.example.evil"; },
                                 +[](PaperKey& key) { key.rp_id = "example"; },
                                 +[](PaperKey& key) { key.is_present = false; },
                                 +[](PaperKey& key) { key.is_backup_eligible = true; },
                                 +[](PaperKey& key) { key.pair = testing::P256Key::make(); }}) {
    Passwordless test;
    lie(test.key);
    CHECK(test.sign_in() == "denied key_refused");
    CHECK(test.failures() == 0);
  }
  Passwordless test;
  const PresentedKey presented = test.naming_answer(test.key);
  CHECK(test.sign_in(presented) == "granted proven");
  CHECK(test.sign_in(presented) == "denied ceremony_gone");
}

TEST_CASE("a key that is nobody's is refused in the shape of one that is wrong", "[authn]") {
  Passwordless test;
  PaperKey wrong;
  wrong.credential_id = test.key.credential_id;
  PaperKey unknown;
  const auto rows = test.audit().size();
  const LoginResult known = test.log_in(test.nobody(), test.shown(test.naming_answer(wrong)));
  const auto rows_after = test.audit().size();
  const LoginResult stranger = test.log_in(test.nobody(), test.shown(test.naming_answer(unknown)));
  CHECK(known.verdict.reason == Reason::kKeyRefused);
  CHECK(stranger.verdict.reason == Reason::kKeyUnknown);
  CHECK(stranger.verdict.outcome == known.verdict.outcome);
  CHECK(stranger.verdict.retry_at == known.verdict.retry_at);
  CHECK_FALSE(stranger.user);
  CHECK_FALSE(known.user);
  CHECK(stranger.factors == known.factors);
  CHECK(test.audit().size() - rows_after == rows_after - rows);
  CHECK_THAT(test.last_audit(),
             has("login_security_key denied unknown unknown 10.1.2.3 "
                 "{\"reason\":\"key_unknown\",\"place\":\"portal\",\"claimed\":"));
}

TEST_CASE("keys alone slow down the source they come from, and lock nobody out", "[authn]") {
  Passwordless test;
  PaperKey wrong;
  wrong.credential_id = test.key.credential_id;
  for (const bool is_known : {true, false}) {
    std::string verdicts;
    for (int i = 0; i <= test.policy.throttle.source_after; ++i) {
      PaperKey unknown;
      verdicts += name_of(
          test.log_in(test.nobody(), test.shown(test.naming_answer(is_known ? wrong : unknown)))
              .verdict.outcome);
      verdicts += " ";
    }
    INFO(is_known);
    CHECK(verdicts.find("locked") != std::string::npos);
    test.clock.advance(24h);
  }
  CHECK(test.sign_in() == "granted proven");
  CHECK(must(test->users().find("hanako"))->failures_since == 0);
}

TEST_CASE("a name or a password beside it makes a key no key alone", "[authn]") {
  Passwordless test;
  const auto rows = test.audit().size();
  CHECK(
      test.log_in(test.claim("hanako"), test.shown(test.naming_answer(test.key))).verdict.outcome ==
      Outcome::kDenied);
  CHECK(test.audit().size() == rows);
  Presented what = test.shown(test.naming_answer(test.key));
  what.password = Secret(kPassword);
  CHECK(test.verdict(test.nobody(), what) == "denied unknown_user");
  CHECK(test.row().sign_count == 1);
}

TEST_CASE("a key alone brings no other factor in with it", "[authn]") {
  Passwordless test;
  const auto codes = must(test.enrollment().issue_recovery_codes("hanako"));
  for (const Factor factor : {Factor::kTotp, Factor::kRecovery, Factor::kEnrolmentCode}) {
    const auto rows = test.audit().size();
    Presented what = test.shown(test.naming_answer(test.key));
    what.second_factor = factor;
    what.code = Secret(factor == Factor::kRecovery ? codes[0].reveal_text()
                                                   : std::string_view(test.code()));
    const LoginResult result = test.log_in(test.nobody(), what);
    CHECK(result.verdict.outcome == Outcome::kDenied);
    CHECK_FALSE(result.user);
    CHECK(test.audit().size() == rows);
  }
  // None was consumed.
  CHECK(test.verdict(test.second_step(), test.presented({}, test.code())) == "granted proven");
  CHECK(must(test->recovery_codes().remaining(test.hanako)) == Enrollment::kRecoveryCodes);
}

// ---- a store that is broken

TEST_CASE("a key alone whose row was changed opens nothing", "[authn]") {
  Passwordless test;
  test.hire("taro");
  test.sql("UPDATE security_keys SET user_id = 2");
  CHECK(test.sign_in() == "denied key_row_changed");
}

TEST_CASE("a store without its tables is an error at every part of a sign-in with a key",
          "[authn]") {
  for (const char* table : {"users", "security_keys", "spent_logins", "attempts", "audit_log"}) {
    Passwordless test;
    // Only a refusal is counted.
    test.key.is_verified = table != std::string_view("attempts");
    const PresentedKey presented = test.naming_answer(test.key);
    test.sql("PRAGMA foreign_keys = OFF; DROP TABLE " + std::string(table));
    INFO(table);
    CHECK_FALSE(test.try_login(test.nobody(), test.shown(presented)));
  }
}

// ---- grants

TEST_CASE("a key alone that verified its holder names the person", "[authn]") {
  Passwordless test;
  const LoginResult result = test.log_in(test.nobody(), test.shown(test.naming_answer(test.key)));
  CHECK(result.verdict.is_granted());
  CHECK(result.user->id == test.hanako);
  CHECK(result.assurance == Assurance::kVerifiedKey);
  CHECK(result.factors == "security_key+uv");
  CHECK(test.last_audit() ==
        "login_security_key granted user:hanako user:hanako 10.1.2.3 "
        "{\"reason\":\"proven\",\"place\":\"portal\",\"key\":1,\"label\":\"青い鍵\","
        "\"user_verified\":true}");
  CHECK(test.user().last_login_at == test.clock.now());
  CHECK(test.row().sign_count == 2);
}

TEST_CASE("each person is named by the person's own key", "[authn]") {
  Passwordless test;
  const auto taro = test.hire("taro");
  PaperKey taros;
  test.bind(taros, "taro");
  PresentedKey presented = test.answer(taros);
  presented.user_handle = must(user_handle(*test, test.random, taro));
  CHECK(test.log_in(test.nobody(), test.shown(presented)).user->id == taro);
}

TEST_CASE("a person without a password signs in with a key", "[authn]") {
  Passwordless test;
  test.sql("DELETE FROM passwords");
  CHECK(test.sign_in() == "granted proven");
}

TEST_CASE("a counter that did not grow is judged for a key alone as beside a password", "[authn]") {
  Passwordless test;
  test.key.counter = 1;
  SECTION("a privileged group") {
    test.policy.privileged.groups = {"tax"};
    CHECK(test.sign_in() == "denied key_suspected");
  }
  SECTION("others") {
    CHECK(test.sign_in() == "granted proven");
    CHECK(test.row().suspected_at == test.clock.now());
  }
}

}  // namespace
}  // namespace sekisho::authn
