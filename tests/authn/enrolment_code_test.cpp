// The code that lets a first key be bound, and nothing else.

#include "authn/enrolment_code.h"

#include "authn/session.h"
#include "authn/terminal_access.h"
#include "base/encoding.h"
#include "base/text.h"
#include "tests/support/key_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::KeyTown;
using testing::kPassword;
using testing::must;

struct WithCode : KeyTown {
  WithCode() : code(give(hanako)) {}

  // As the desk does it.
  std::string give(store::UserId to) {
    const Secret made = new_enrolment_code(random);
    const Digest hash =
        must(enrolment_code_hash(keyring, keyring.current_id(), to, made.reveal_text()));
    must((*this)->enrolment_codes().set(to, keyring.current_id(), hash,
                                        clock.now() + policy.security_keys.enrolment));
    return std::string(made.reveal_text());
  }
  static Presented typed(std::string_view text) {
    Presented what;
    what.second_factor = Factor::kEnrolmentCode;
    what.code = Secret(text);
    return what;
  }
  std::string try_code(std::string_view text, std::string_view name = "hanako") {
    return verdict(second_step(name), typed(text));
  }
  std::int64_t waiting() { return number("SELECT count(*) FROM enrolment_codes"); }
  std::string code;
};

// ---- refusals

TEST_CASE("a wrong enrolment code is refused, and the right one goes on waiting", "[authn]") {
  WithCode test;
  std::string other = test.code;
  other[0] = other[0] == 'A' ? 'B' : 'A';
  for (const std::string& wrong :
       {other, std::string(), std::string("-"), test.code.substr(1), test.code + "A",
        std::string(1 << 20, 'A'), std::string("\0\xff", 2)}) {
    CHECK(test.try_code(wrong) == "denied wrong_code");
    must(test.administration().unlock("hanako"));
  }
  CHECK(test.waiting() == 1);
  CHECK(test.try_code(test.code) == "granted proven");
}

TEST_CASE("a refused enrolment code is written down without the code", "[authn]") {
  WithCode test;
  test.try_code("ABCD-EFGH-JKLMN");
  CHECK(test.last_audit() ==
        "login_enrolment_code denied user:hanako user:hanako 10.1.2.3 "
        "{\"reason\":\"wrong_code\",\"place\":\"portal\"}");
}

TEST_CASE("an enrolment code is good once", "[authn]") {
  WithCode test;
  CHECK(test.try_code(test.code) == "granted proven");
  CHECK(test.try_code(test.code) == "denied wrong_code");
  CHECK(test.waiting() == 0);
}

TEST_CASE("an enrolment code is another person's for nobody", "[authn]") {
  WithCode test;
  const std::string taros = test.give(test.hire("taro"));
  CHECK(test.try_code(taros) == "denied wrong_code");
  CHECK(test.try_code(test.code, "taro") == "denied wrong_code");
  // Not even in the other's row.
  test.sql(
      "UPDATE enrolment_codes SET hash = (SELECT hash FROM enrolment_codes WHERE user_id = 2)");
  CHECK(test.try_code(taros) == "denied wrong_code");
  CHECK(test.try_code(taros, "taro") == "granted proven");
}

TEST_CASE("an enrolment code ends at its last moment", "[authn]") {
  WithCode test;
  test.clock.advance(test.policy.security_keys.enrolment);
  CHECK(test.try_code(test.code) == "denied wrong_code");
  const std::string next = test.give(test.hanako);
  test.clock.advance(test.policy.security_keys.enrolment - 1ms);
  CHECK(test.try_code(next) == "granted proven");
}

TEST_CASE("of two enrolment codes the newer one alone is good", "[authn]") {
  WithCode test;
  const std::string next = test.give(test.hanako);
  CHECK(test.try_code(test.code) == "denied wrong_code");
  CHECK(test.try_code(next) == "granted proven");
}

TEST_CASE("an enrolment code is refused to a stranger, to whoever has none, and to the disabled",
          "[authn]") {
  WithCode test;
  CHECK(test.try_code(test.code, "nobody") == "denied no_credential");
  test.hire("taro");
  CHECK(test.try_code(test.code, "taro") == "denied wrong_code");
  must(test.administration().set_enabled("hanako", false));
  CHECK(test.try_code(test.code) == "denied user_disabled");
  CHECK(test.waiting() == 1);
}

TEST_CASE("an enrolment code without a password is not even looked at", "[authn]") {
  WithCode test;
  const auto rows = test.audit().size();
  CHECK(test.log_in(test.claim(), test.typed(test.code)).verdict.outcome == Outcome::kDenied);
  CHECK(test.audit().size() == rows);
  Presented what = test.typed(test.code);
  what.password = Secret("another password");
  CHECK(test.verdict(test.claim(), what) == "denied wrong_password");
  CHECK(test.waiting() == 1);
}

TEST_CASE("an enrolment code is not for terminals, and is not consumed there", "[authn]") {
  WithCode test;
  Claim claim = test.claim("hanako", "terminal:t1");
  claim.terminal = {test.add_terminal("t1"), 1};
  Presented what = test.typed(test.code);
  what.password = Secret(kPassword);
  for (const Assurance require : {Assurance::kPassword, Assurance::kSecondFactor}) {
    claim.require = require;
    CHECK(test.verdict(claim, what) == "denied not_enough");
  }
  CHECK(test.failures("enrolment_code") == 0);
  CHECK(test.waiting() == 1);
  for (const char* service : {"login", "sudo"}) {
    const auto begun =
        must(begin_terminal_login(test.keyring, test.random, test.policy, claim.terminal->id,
                                  {"hanako", service, "tty1", ""}, test.clock.now()));
    CHECK(std::ranges::find(begun.factors, Factor::kEnrolmentCode) == begun.factors.end());
  }
}

TEST_CASE("enrolment codes that are wrong five times are locked at that source", "[authn]") {
  WithCode test;
  for (int i = 0; i < test.policy.throttle.lock_after;) {
    const auto result = test.log_in(test.second_step(), test.typed("ABCD-EFGH-JKLMN"));
    if (result.verdict.retry_at) {
      test.clock.set(*result.verdict.retry_at);
    } else {
      ++i;
    }
  }
  CHECK(test.try_code(test.code) == "locked throttled");
  CHECK(test.waiting() == 1);
  CHECK(test.verdict(test.second_step("hanako", "10.9.9.9"), test.typed(test.code)) ==
        "granted proven");
}

// ---- a store that is broken

TEST_CASE("an enrolment code keyed with a key that is gone is an error", "[authn]") {
  WithCode test;
  test.sql("UPDATE enrolment_codes SET key_id = 'k9'");
  CHECK(test.try_code(test.code) == "not_found: the key file has no key with the id k9");
}

TEST_CASE("an enrolment code that cannot be written down is an error, and goes on waiting",
          "[authn]") {
  WithCode test;
  test.block_audit();
  CHECK_THAT(test.try_code(test.code), has("invalid: "));
  CHECK(test.waiting() == 1);
  test.sql("DROP TABLE enrolment_codes");
  CHECK_FALSE(test.try_login(test.second_step(), test.typed(test.code)));
}

// ---- grants

TEST_CASE("an enrolment code may be typed in groups, with spaces, and in lower case", "[authn]") {
  WithCode test;
  std::string bare;
  std::string loose = "  ";
  for (const char c : test.code) {
    if (c != '-') bare += c;
    loose += c == '-' ? std::string(" ") : std::string(1, c);
  }
  std::string lower = bare;
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const std::string& form : {test.code, bare, lower, loose + " ", "-" + bare + "-"}) {
    const Digest expected = must(enrolment_code_hash(test.keyring, "k1", test.hanako, test.code));
    CHECK(must(enrolment_code_hash(test.keyring, "k1", test.hanako, form)) == expected);
  }
  CHECK(test.try_code(lower) == "granted proven");
}

TEST_CASE("an enrolment code proves nothing: it opens no session but one that waits", "[authn]") {
  WithCode test;
  Presented what = test.typed(test.code);
  what.password = Secret(kPassword);
  const LoginResult result = test.log_in(test.claim(), what);
  CHECK(result.verdict.is_granted());
  CHECK(result.assurance == Assurance::kPassword);
  CHECK(result.factors == "password enrolment_code");
  CHECK_THAT(test.last_audit(), has("login_enrolment_code granted user:hanako user:hanako "));
  CHECK_FALSE(test.user().last_login_at);

  const OpenedSession opened =
      must(open_session(*test, test.random, test.policy, result, "10.1.2.3", {}, test.clock.now()));
  const store::Session session = must(test->sessions().find(opened.id)).value();
  CHECK(session.assurance == static_cast<int>(Assurance::kPassword));
  CHECK(has_factor(session.factors, "enrolment_code"));
  CHECK(opened.expires_at == test.clock.now() + test.policy.session.pending);
  CHECK(session.idle_limit == test.policy.session.pending);
}

TEST_CASE("an enrolment code still works after the sealing key was changed", "[authn]") {
  WithCode test;
  test.rotate_keys("k2");
  CHECK(test.try_code(test.code) == "granted proven");
}

TEST_CASE("an enrolment code is 64 random bits in groups, and the store has only a keyed hash",
          "[authn]") {
  WithCode test;
  CHECK(test.code.size() == 15);
  CHECK(test.code[4] == '-');
  CHECK(test.code[9] == '-');
  const std::string bare = normalized_base32(test.code);
  CHECK(bare.size() == 13);
  CHECK(bytes_from_base32(bare)->size() == 8);
  CHECK(test.code != std::string(new_enrolment_code(test.random).reveal_text()));
  // One code has another hash for each person and each key.
  const auto hash = [&](std::string_view key, std::int64_t user) {
    return must(enrolment_code_hash(test.keyring, key, {user}, test.code));
  };
  const Digest mine = hash("k1", 1);
  CHECK(mine != hash("k1", 2));
  test.rotate_keys("k2");
  CHECK(mine == hash("k1", 1));
  CHECK(mine != hash("k2", 1));
}

}  // namespace
}  // namespace sekisho::authn
