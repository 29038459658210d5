#include "authn/enrollment.h"

#include <set>

#include "authn/enrolment_code.h"
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

constexpr std::string_view kOther = "09876543210987654321";

std::string outcome_of_adding(TestTown& test, std::string_view seed, TotpParameters parameters = {},
                              std::string label = "phone") {
  Enrollment::NewTotp totp;
  totp.label = std::move(label);
  totp.parameters = parameters;
  if (!seed.empty()) totp.seed = Secret(seed);
  return outcome_of(test.enrollment().add_totp("hanako", std::move(totp)));
}

// A token that was given out and not yet shown to work.
struct WithUnconfirmed : TestTown {
  WithUnconfirmed() {
    Enrollment::NewTotp totp;
    totp.seed = Secret(kOther);
    id = must(enrollment().add_totp("hanako", std::move(totp))).id;
  }
  std::string confirm(const std::string& typed) {
    return outcome_of(enrollment().confirm_totp(id, typed));
  }
  store::TotpCredential stored() { return must((*this)->totp_credentials().find(id)).value(); }
  store::TotpCredentialId id;
};

TEST_CASE("a seed under 128 bits is refused, and one of 128 bits taken", "[authn]") {
  TestTown test;
  CHECK(outcome_of_adding(test, "123456789012345") == "invalid: a seed must have 128 to 1024 bits");
  CHECK(outcome_of_adding(test, "1") == "invalid: a seed must have 128 to 1024 bits");
  CHECK(outcome_of_adding(test, "1234567890123456") == "ok");
}

TEST_CASE("a seed over 1024 bits is refused, and one of 1024 bits taken", "[authn]") {
  TestTown test;
  CHECK(outcome_of_adding(test, std::string(129, 'x')) ==
        "invalid: a seed must have 128 to 1024 bits");
  CHECK(outcome_of_adding(test, std::string(128, 'x')) == "ok");
}

TEST_CASE("digits other than 6 and 8, and periods outside 1 to 120, are refused", "[authn]") {
  TestTown test;
  for (const int digits : {0, 5, 7, 9, -6}) {
    CHECK(outcome_of_adding(test, "", {TotpAlgorithm::kSha1, digits, 30}) ==
          "invalid: digits must be 6 or 8");
  }
  for (const int period : {0, -30, 121}) {
    CHECK(outcome_of_adding(test, "", {TotpAlgorithm::kSha1, 6, period}) ==
          "invalid: the period must be 1 to 120 seconds");
  }
  CHECK(outcome_of_adding(test, "", {TotpAlgorithm::kSha1, 8, 120}) == "ok");
}

TEST_CASE("a label that is not UTF-8, too long or disguised is refused", "[authn]") {
  TestTown test;
  for (const std::string& label :
       {std::string("\xff"), std::string(65, 'a'), std::string("a\x1b[2J")}) {
    CHECK_THAT(outcome_of_adding(test, "", {}, label), has("invalid: a label must be UTF-8"));
  }
  CHECK(outcome_of_adding(test, "", {}, "スマートトークン 12") == "ok");
}

TEST_CASE("a seed that is somebody's already is refused", "[authn]") {
  TestTown test;
  CHECK(outcome_of_adding(test, kSeed) ==
        "already_exists: this seed already belongs to a credential");
}

TEST_CASE("a token is not given to a user who is not there", "[authn]") {
  TestTown test;
  CHECK(outcome_of(test.enrollment().add_totp("nobody", {})) ==
        "not_found: there is no user nobody");
}

TEST_CASE("a new seed has the length of its algorithm's output and is nobody else's", "[authn]") {
  TestTown test;
  std::set<std::string> seeds;
  for (const auto algorithm :
       {TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}) {
    Enrollment::NewTotp totp;
    totp.parameters.algorithm = algorithm;
    const auto added = must(test.enrollment().add_totp("hanako", std::move(totp)));
    CHECK(added.seed.size() == seed_bytes(algorithm));
    seeds.emplace(added.seed.reveal_text());
  }
  CHECK(seeds.size() == 3);
}

TEST_CASE("a wrong code does not confirm a token", "[authn]") {
  WithUnconfirmed test;
  CHECK_THAT(test.confirm("000000"), has("invalid: the code is wrong: "));
  CHECK_THAT(test.confirm(test.code()), has("invalid: the code is wrong: "));  // another token's
  CHECK_THAT(test.confirm(test.code(2, kOther)), has("invalid: the code is wrong: "));
  CHECK_THAT(test.confirm(""), has("invalid: the code is wrong: "));
  CHECK_FALSE(test.stored().confirmed_at);
}

TEST_CASE("a code confirms a token, and is consumed by it", "[authn]") {
  WithUnconfirmed test;
  const std::string code = test.code(0, kOther);
  CHECK(test.confirm(code) == "ok");
  CHECK(test.stored().confirmed_at == test.clock.now());
  CHECK(test.verdict(kPassword, code) == "denied code_used");
  test.next_step();
  CHECK(test.verdict(kPassword, test.code(0, kOther)) == "granted proven");
}

TEST_CASE("a token is confirmed once", "[authn]") {
  WithUnconfirmed test;
  CHECK(test.confirm(test.code(0, kOther)) == "ok");
  test.next_step();
  CHECK(test.confirm(test.code(0, kOther)) == "conflict: the credential is confirmed already");
}

TEST_CASE("confirming a token lifts what had failed before it", "[authn]") {
  WithUnconfirmed test;
  must(test->attempts().set({subject_of(test.hanako), "totp", "*"}, {100, test.clock.now(), {}}));
  CHECK(test.confirm(test.code(0, kOther)) == "ok");
  test.next_step();
  CHECK(test.verdict(kPassword, test.code(0, kOther)) == "granted proven");
}

TEST_CASE("what is done to a token that is not there is refused by number", "[authn]") {
  TestTown test;
  const std::string refusal = "not_found: there is no TOTP credential 4711";
  CHECK(outcome_of(test.enrollment().confirm_totp({4711}, "000000")) == refusal);
  CHECK(outcome_of(test.enrollment().resync_totp({4711}, "000000", "111111")) == refusal);
  CHECK(outcome_of(test.enrollment().remove_totp({4711})) == refusal);
}

TEST_CASE("two codes that do not follow each other do not resynchronise a token", "[authn]") {
  TestTown test;
  const auto refused = [&](const std::string& first, const std::string& second) {
    CHECK_THAT(outcome_of(test.enrollment().resync_totp(test.token, first, second)),
               has("invalid: these are not two codes in a row of this token"));
  };
  refused(test.code(20), test.code(22));
  refused(test.code(21), test.code(20));
  refused(test.code(20), test.code(20));
  refused(test.code(20), "000000");
  refused("", "");
  CHECK(must(test->totp_credentials().find(test.token))->last_step == -1);
}

TEST_CASE("two codes in a row find a token that went astray, either way", "[authn]") {
  for (const int away : {-50, 50}) {
    TestTown test;
    CHECK(test.verdict(kPassword, test.code(away)) == "denied wrong_code");
    CHECK(must(test.enrollment().resync_totp(test.token, test.code(away), test.code(away + 1))) ==
          away + 1);
    test.next_step();
    test.next_step();
    CHECK(test.verdict(kPassword, test.code(away + 1)) == "granted proven");
  }
}

TEST_CASE("a token is not found beyond the window that is searched", "[authn]") {
  TestTown test;
  CHECK_FALSE(test.enrollment().resync_totp(test.token, test.code(101), test.code(102)));
  CHECK_FALSE(test.enrollment().resync_totp(test.token, test.code(-101), test.code(-100)));
  CHECK(must(test.enrollment().resync_totp(test.token, test.code(100), test.code(101))) == 101);
}

TEST_CASE("codes that were used do not resynchronise a token", "[authn]") {
  TestTown test;
  CHECK(test.verdict(kPassword, test.code(1)) == "granted proven");
  CHECK(outcome_of(test.enrollment().resync_totp(test.token, test.code(0), test.code(1))) ==
        "invalid: these codes, or later ones, were used: take two new ones");
}

TEST_CASE("both codes of a resynchronisation are consumed", "[authn]") {
  TestTown test;
  must(test.enrollment().resync_totp(test.token, test.code(0), test.code(1)));
  CHECK(test.verdict(kPassword, test.code(0)) == "denied code_used");
  CHECK(test.verdict(kPassword, test.code(1)) == "denied code_used");
}

TEST_CASE("a removed token opens nothing", "[authn]") {
  TestTown test;
  must(test.enrollment().remove_totp(test.token));
  CHECK(test.verdict(kPassword, test.code()) == "denied no_credential");
}

TEST_CASE("a removed token that is given again does not accept a code a second time", "[authn]") {
  TestTown test;
  const std::string code = test.code();
  CHECK(test.verdict(kPassword, code) == "granted proven");
  must(test.enrollment().remove_totp(test.token));
  test.add_token(kSeed);
  CHECK(test.verdict(kPassword, code) == "denied code_used");
}

TEST_CASE("eight recovery codes are issued, all different", "[authn]") {
  TestTown test;
  const auto codes = must(test.enrollment().issue_recovery_codes("hanako"));
  std::set<std::string> different;
  for (const Secret& code : codes) different.emplace(code.reveal_text());
  CHECK(different.size() == 8);
  CHECK(must(test->recovery_codes().remaining(test.hanako)) == 8);
}

TEST_CASE("recovery codes are not issued to a user who is not there", "[authn]") {
  TestTown test;
  CHECK(outcome_of(test.enrollment().issue_recovery_codes("nobody")) ==
        "not_found: there is no user nobody");
}

// ---- enrolment codes

// Whether the code is hanako's now; taking it away, if so.
bool takes(TestTown& test, std::string_view typed) {
  const auto key_id = must(test->enrolment_codes().key_id(test.hanako));
  if (!key_id) return false;
  const Digest hash = must(enrolment_code_hash(test.keyring, *key_id, test.hanako, typed));
  auto transaction = must(test->begin());
  const bool is_taken = must(test->enrolment_codes().consume(test.hanako, hash, test.clock.now()));
  must(transaction.commit());
  return is_taken;
}

TEST_CASE("an enrolment code is good once, for as long as it says", "[authn]") {
  TestTown test;
  test.policy.security_keys.enrolment = 7min;
  const auto issued = must(test.enrollment().issue_enrolment_code("hanako"));
  CHECK(issued.expires_at == test.clock.now() + 7min);
  CHECK(takes(test, issued.code.reveal_text()));
  CHECK_FALSE(takes(test, issued.code.reveal_text()));
  const auto late = must(test.enrollment().issue_enrolment_code("hanako"));
  test.clock.advance(7min);
  CHECK_FALSE(takes(test, late.code.reveal_text()));
}

TEST_CASE("a new enrolment code ends the one before it", "[authn]") {
  TestTown test;
  const auto first = must(test.enrollment().issue_enrolment_code("hanako"));
  const auto second = must(test.enrollment().issue_enrolment_code("hanako"));
  CHECK_FALSE(takes(test, first.code.reveal_text()));
  CHECK(takes(test, second.code.reveal_text()));
}

TEST_CASE("a new enrolment code starts with a clean count", "[authn]") {
  TestTown test;
  const store::AttemptKey key{subject_of(test.hanako), std::string(name_of(Factor::kEnrolmentCode)),
                              "*"};
  {
    auto transaction = must(test->begin());
    must(test->attempts().set(key, {99, test.clock.now(), test.clock.now()}));
    must(transaction.commit());
  }
  must(test.enrollment().issue_enrolment_code("hanako"));
  CHECK(must(test->attempts().count(key)).failures == 0);
}

TEST_CASE("an enrolment code is not issued to who could not use it", "[authn]") {
  TestTown test;
  CHECK(outcome_of(test.enrollment().issue_enrolment_code("nobody")) ==
        "not_found: there is no user nobody");
  must(test.administration().set_enabled("hanako", false));
  CHECK(outcome_of(test.enrollment().issue_enrolment_code("hanako")) ==
        "invalid: hanako is disabled and cannot sign in to use a code");
  CHECK_FALSE(must(test->enrolment_codes().key_id(test.hanako)));
}

TEST_CASE("an enrolment code that cannot be written down is not issued", "[authn]") {
  TestTown test;
  test.block_audit();
  CHECK_THAT(outcome_of(test.enrollment().issue_enrolment_code("hanako")), has("blocked"));
  CHECK_FALSE(must(test->enrolment_codes().key_id(test.hanako)));
}

TEST_CASE("issuing an enrolment code is written down with its end, and without the code",
          "[authn]") {
  TestTown test;
  const auto issued = must(test.enrollment().issue_enrolment_code("hanako"));
  CHECK(test.last_audit() ==
        "enrolment_code_issue done admin:root user:hanako console {\"expires_at\":\"" +
            rfc3339(issued.expires_at) + "\"}");
}

TEST_CASE("no seed and no code is in what is written down about enrolment", "[authn]") {
  WithUnconfirmed test;
  const std::string code = test.code(0, kOther);
  test.confirm(code);
  const auto codes = must(test.enrollment().issue_recovery_codes("hanako"));
  for (const auto& row : test.audit()) {
    CHECK(row.detail.find(code) == std::string::npos);
    CHECK(row.detail.find(kOther) == std::string::npos);
    CHECK(row.detail.find(codes[0].reveal_text()) == std::string::npos);
  }
}

}  // namespace
}  // namespace sekisho::authn
