// A town hall with one member of staff: hanako, with a password and a TOTP token.
#ifndef SEKISHO_TESTS_SUPPORT_TEST_TOWN_H_
#define SEKISHO_TESTS_SUPPORT_TEST_TOWN_H_

#include <string>
#include <string_view>

#include "authn/administration.h"
#include "authn/enrollment.h"
#include "authn/login.h"
#include "tests/support/test_store.h"

namespace sekisho::testing {

inline constexpr std::string_view kPassword = "七つ下がりの雨宿り";
inline constexpr std::string_view kSeed = "12345678901234567890";

class TestTown : public TestStore {
 public:
  TestTown() : login(policy, keyring, random) {
    hanako = must(administration().add_user("hanako", "関所 花子", {"tax"}));
    must(administration().set_password("hanako", Secret(kPassword)));
    token = add_token(kSeed);
  }

  authn::Office office() { return {**this, keyring, random, clock, policy, "admin:root"}; }
  authn::Administration administration() { return authn::Administration(office()); }
  authn::Enrollment enrollment() { return authn::Enrollment(office()); }

  store::TotpCredentialId add_token(std::string_view seed, std::string_view user = "hanako") {
    authn::Enrollment::NewTotp totp;
    totp.label = "phone";
    totp.seed = Secret(seed);
    totp.is_confirmed = true;
    return must(enrollment().add_totp(user, std::move(totp))).id;
  }

  // What the token shows now, or `steps` later.
  std::string code(int steps = 0, std::string_view seed = kSeed) {
    const authn::TotpParameters parameters;
    return must(authn::totp_code(as_bytes(seed), parameters,
                                 authn::time_step(parameters, clock.now()) + steps));
  }
  void next_step() { clock.advance(std::chrono::seconds(30)); }

  static authn::Claim claim(std::string_view user = "hanako",
                            std::string_view source = "10.1.2.3") {
    return {std::string(user), std::string(source), "portal", ""};
  }
  static authn::Presented presented(std::optional<std::string_view> password,
                                    std::optional<std::string_view> totp = {}) {
    authn::Presented shown;
    if (password) shown.password = Secret(*password);
    if (totp) {
      shown.second_factor = authn::Factor::kTotp;
      shown.code = Secret(*totp);
    }
    return shown;
  }
  static authn::Presented with_recovery(std::string_view password, std::string_view code) {
    authn::Presented shown;
    shown.password = Secret(password);
    shown.second_factor = authn::Factor::kRecovery;
    shown.code = Secret(code);
    return shown;
  }

  // A whole login as the gateway runs it: prepare and decide each in a transaction.
  Result<authn::LoginResult> try_login(const authn::Claim& who, const authn::Presented& what) {
    store::Store& store = **this;
    auto first = store.begin();
    if (!first) return fail(first.error());
    auto prepared = login.prepare(store, who, what, clock.now());
    if (!prepared) return fail(prepared.error());
    if (auto done = first->commit(); !done) return fail(done.error());
    if (auto computed = login.compute(*prepared, what); !computed) {
      if (auto done = login.withdraw(store, *prepared); !done) return fail(done.error());
      return fail(computed.error());
    }
    auto second = store.begin();
    if (!second) return fail(second.error());
    auto result = login.decide(store, who, *prepared, what, clock.now());
    if (!result) return fail(result.error());
    if (auto done = second->commit(); !done) return fail(done.error());
    return result;
  }
  authn::LoginResult log_in(const authn::Claim& who, const authn::Presented& what) {
    return must(try_login(who, what));
  }
  // "denied wrong_code", "granted proven", or the error.
  std::string verdict(const authn::Claim& who, const authn::Presented& what) {
    const auto result = try_login(who, what);
    if (!result) return outcome_of(result);
    return std::string(authn::name_of(result->verdict.outcome)) + " " +
           std::string(authn::name_of(result->verdict.reason));
  }
  std::string verdict(std::string_view password, std::string_view totp) {
    return verdict(claim(), presented(password, totp));
  }

  std::vector<store::AuditRow> audit() { return must((*this)->audit_log().newest(100'000)); }
  // "event outcome actor subject source detail" of the newest row.
  std::string last_audit() {
    const store::AuditRow row = audit().back();
    return row.event + " " + row.outcome + " " + row.actor + " " + row.subject + " " + row.source +
           " " + row.detail;
  }
  // From now on nothing can be written down.
  void block_audit() {
    sql("CREATE TRIGGER no_more BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'blocked'); "
        "END");
  }

  authn::Policy policy;
  authn::Login login;
  store::UserId hanako;
  store::TotpCredentialId token;
};

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_TEST_TOWN_H_
