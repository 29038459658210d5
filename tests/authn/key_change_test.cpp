// Who may change a person's keys, to the moment.

#include "authn/key_change.h"

#include "authn/session.h"
#include "tests/support/catch.h"
#include "tests/support/test_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::must;
using testing::TestTown;

const std::vector<std::string> kTax = {"tax"};

std::vector<store::SecurityKey> keys(bool is_verifying) {
  store::SecurityKey key;
  key.is_verifying = is_verifying;
  return {key};
}

TEST_CASE("a change asks for the best that one of the keys reaches", "[authn][keys]") {
  CHECK(level_of({}, kTax, {}) == Assurance::kSecondFactor);
  CHECK(level_of(keys(false), kTax, {}) == Assurance::kSecurityKey);
  CHECK(level_of(keys(true), kTax, {}) == Assurance::kVerifiedKey);
}

TEST_CASE("a change of a privileged person's keys asks for what the policy asks of them",
          "[authn][keys]") {
  PrivilegedPolicy policy;
  policy.groups = {"admins"};
  policy.require = Assurance::kVerifiedKey;
  CHECK(level_of({}, {"admins"}, policy) == Assurance::kVerifiedKey);
  CHECK(level_of(keys(false), {"admins"}, policy) == Assurance::kVerifiedKey);
  CHECK(level_of(keys(false), kTax, policy) == Assurance::kSecurityKey);
  CHECK(level_of({}, kTax, policy) == Assurance::kSecondFactor);
}

ProvenAt proven(Assurance level, Instant at) {
  ProvenAt proven;
  proven.note(level, at);
  return proven;
}

TEST_CASE("a password and a code change no keys of whoever has one", "[authn][keys]") {
  const SecurityKeyPolicy policy;
  const Instant now = instant_of(1'000'000'000);
  const ProvenSession by_code{"password totp", now, proven(Assurance::kSecondFactor, now)};
  const ProvenSession by_key{"password security_key", now, proven(Assurance::kSecurityKey, now)};
  CHECK_FALSE(may_change(by_code, Assurance::kSecurityKey, KeyChange::kAdd, policy, now));
  CHECK_FALSE(may_change(by_code, Assurance::kSecurityKey, KeyChange::kRemove, policy, now));
  CHECK_FALSE(may_change(by_key, Assurance::kVerifiedKey, KeyChange::kAdd, policy, now));
  CHECK(may_change(by_key, Assurance::kSecurityKey, KeyChange::kRemove, policy, now));
  CHECK(may_change(by_code, Assurance::kSecondFactor, KeyChange::kAdd, policy, now));
  const ProvenSession password{"password", now, {}};
  CHECK_FALSE(may_change(password, Assurance::kSecondFactor, KeyChange::kAdd, policy, now));
}

TEST_CASE("proof is fresh up to the end of its time and not after", "[authn][keys]") {
  const SecurityKeyPolicy policy;
  const Instant now = instant_of(1'000'000'000);
  const ProvenSession session{"password totp", now, proven(Assurance::kSecondFactor, now)};
  CHECK(may_change(session, Assurance::kSecondFactor, KeyChange::kAdd, policy,
                   now + policy.fresh - 1ms));
  CHECK_FALSE(
      may_change(session, Assurance::kSecondFactor, KeyChange::kAdd, policy, now + policy.fresh));
}

TEST_CASE("an enrolment code adds and does not take away", "[authn][keys]") {
  const SecurityKeyPolicy policy;
  const Instant now = instant_of(1'000'000'000);
  const ProvenSession session{"password enrolment_code", now, {}};
  CHECK(may_change(session, Assurance::kVerifiedKey, KeyChange::kAdd, policy, now));
  CHECK_FALSE(
      may_change(session, Assurance::kVerifiedKey, KeyChange::kAdd, policy, now + policy.fresh));
  CHECK_FALSE(may_change(session, Assurance::kVerifiedKey, KeyChange::kRemove, policy, now));
}

TEST_CASE("a code shown now makes a key shown in the morning no younger", "[authn][keys]") {
  const SecurityKeyPolicy policy;
  const Instant now = instant_of(1'000'000'000);
  ProvenAt at = proven(Assurance::kVerifiedKey, now - 1h);
  at.note(Assurance::kSecondFactor, now);
  const ProvenSession session{"password security_key+uv totp", now, at};
  CHECK_FALSE(may_change(session, Assurance::kVerifiedKey, KeyChange::kAdd, policy, now));
  CHECK_FALSE(may_change(session, Assurance::kVerifiedKey, KeyChange::kRemove, policy, now));
}

struct WithSession : TestTown {
  WithSession() {
    LoginResult result;
    result.verdict = granted();
    result.user = must((*this)->users().find("hanako"));
    result.assurance = Assurance::kPassword;
    result.factors = "password enrolment_code";
    id = must(open_session(**this, random, policy, result, "10.1.2.3", std::nullopt, clock.now()))
             .id;
  }
  bool may_add() {
    return must(person_who_may(**this, id, KeyChange::kAdd, policy, clock.now())).has_value();
  }
  store::SessionId id;
};

TEST_CASE("a session that ended meanwhile changes nothing", "[authn][keys]") {
  WithSession test;
  REQUIRE(test.may_add());
  must(test->sessions().end(test.id, "ended by user", test.clock.now()));
  CHECK_FALSE(test.may_add());
}

TEST_CASE("the session of a disabled person changes nothing", "[authn][keys]") {
  WithSession test;
  must(test->users().set_enabled(test.hanako, false));
  CHECK_FALSE(test.may_add());
}

TEST_CASE("a session past its end changes nothing", "[authn][keys]") {
  WithSession test;
  test.policy.security_keys.fresh = 60min;
  test.clock.advance(test.policy.session.pending);
  CHECK_FALSE(test.may_add());
}

TEST_CASE("the right of an enrolment code is spent by the key it adds", "[authn][keys]") {
  WithSession test;
  must(spend_enrolment_right(*test, test.id));
  CHECK_FALSE(test.may_add());
  CHECK(must(test->sessions().find(test.id))->factors == "password");
}

}  // namespace
}  // namespace sekisho::authn
