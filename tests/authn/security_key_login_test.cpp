// How the answer of a security key is judged, beside a password.

#include "authn/security_key_login.h"

#include <algorithm>
#include <future>
#include <latch>

#include "authn/session.h"
#include "base/text.h"
#include "tests/support/key_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::KeyTown;
using testing::kPassword;
using testing::must;
using testing::outcome_of;
using testing::PaperKey;

// ---- refusals

TEST_CASE("a key that is nobody's, a colleague's, or removed is refused as unknown", "[authn]") {
  KeyTown test;
  PaperKey other;
  SECTION("nobody's") {}
  SECTION("a colleague's") {
    test.hire("taro");
    test.bind(other, "taro");
  }
  SECTION("removed") {
    const auto id = test.bind(other);
    must(remove_key(*test, test.user(), id, {}, {"user:hanako", "x"}, test.clock.now()));
  }
  CHECK(test.key_verdict(other) == "denied key_unknown");
  CHECK(test.last_audit() ==
        "login_security_key denied user:hanako user:hanako 10.1.2.3 "
        "{\"reason\":\"key_unknown\",\"place\":\"portal\"}");
  CHECK(test.failures() == 1);
}

TEST_CASE("a credential id that names nothing a key could have is refused as unknown", "[authn]") {
  KeyTown test;
  for (const Bytes& id : {Bytes(), Bytes{0}, Bytes(1024), Bytes(1 << 16)}) {
    PresentedKey presented = test.answer(test.key);
    presented.credential_id = id;
    CHECK(test.key_verdict(test.second_step(), presented) == "denied key_unknown");
    must(test.administration().unlock("hanako"));
  }
}

TEST_CASE("a key that tells another person's handle is refused as unknown", "[authn]") {
  KeyTown test;
  PresentedKey presented = test.answer(test.key);
  SECTION("of a colleague") {
    presented.user_handle = must(user_handle(*test, test.random, test.hire("taro")));
  }
  SECTION("cut short") {
    presented.user_handle.assign(test.handle.begin(), test.handle.end() - 1);
  }
  SECTION("while the person has none") {
    presented.user_handle = test.handle;
    test.sql("UPDATE users SET handle = NULL");
  }
  CHECK(test.key_verdict(test.second_step(), presented) == "denied key_unknown");
  CHECK(test.row().sign_count == 1);
}

TEST_CASE("each lie of a key or of its client is refused and written down with its fault",
          "[authn]") {
  struct Lie {
    const char* fault;
    void (*tell)(PaperKey&);
  };
  for (const Lie& lie : {
           Lie{"wrong_origin", [](PaperKey& key) { key.origin = "https://town.example.evil"; }},
           Lie{"wrong_origin", [](PaperKey& key) { key.origin = "http://town.example"; }},
           Lie{"wrong_relying_party", [](PaperKey& key) { key.rp_id = "example"; }},
           Lie{"wrong_type", [](PaperKey& key) { key.type = "webauthn.create"; }},
           Lie{"not_present", [](PaperKey& key) { key.is_present = false; }},
           Lie{"backup_eligibility_changed", [](PaperKey& key) { key.is_backup_eligible = true; }},
           Lie{"impossible_backup_state", [](PaperKey& key) { key.is_backed_up = true; }},
           Lie{"bad_signature", [](PaperKey& key) { key.pair = testing::P256Key::make(); }},
       }) {
    INFO(lie.fault);
    KeyTown test;
    lie.tell(test.key);
    CHECK(test.key_verdict(test.key) == "denied key_refused");
    CHECK(test.last_audit() ==
          "login_security_key denied user:hanako user:hanako 10.1.2.3 "
          "{\"reason\":\"key_refused\",\"place\":\"portal\",\"key\":1,\"label\":\"青い鍵\","
          "\"fault\":\"" +
              std::string(lie.fault) + "\"}");
    CHECK(test.failures() == 1);
    CHECK(test.row().sign_count == 1);
    CHECK_FALSE(test.row().last_used_at);
  }
}

TEST_CASE("an answer to another challenge, or to none, is refused", "[authn]") {
  KeyTown test;
  PresentedKey presented = test.answer(test.key);
  SECTION("another") {
    presented.challenge = test.random.bytes(32);
  }
  SECTION("none") {
    presented.challenge.clear();
  }
  CHECK(test.key_verdict(test.second_step(), presented) == "denied key_refused");
  CHECK_THAT(test.last_audit(), has("\"fault\":\"wrong_challenge\""));
}

TEST_CASE("an answer of which anything was changed on the way is refused", "[authn]") {
  KeyTown test;
  PresentedKey presented = test.answer(test.key);
  SECTION("client data") {
    presented.client_data.back() = ' ';
  }
  SECTION("authenticator data") {
    presented.authenticator_data.back() ^= 1;
  }
  SECTION("authenticator data, longer") {
    presented.authenticator_data.push_back(0);
  }
  SECTION("signature") {
    presented.signature.back() ^= 1;
  }
  SECTION("no signature") {
    presented.signature.clear();
  }
  CHECK(test.key_verdict(test.second_step(), presented) == "denied key_refused");
  CHECK(test.row().sign_count == 1);
}

TEST_CASE("an answer is refused where no origin is the door's", "[authn]") {
  KeyTown test;
  PresentedKey presented = test.answer(test.key);
  presented.origins = {};
  CHECK(test.key_verdict(test.second_step(), presented) == "denied key_refused");
  CHECK_THAT(test.last_audit(), has("\"fault\":\"wrong_origin\""));
}

TEST_CASE("a ceremony is good once, whatever came of it", "[authn]") {
  KeyTown test;
  PresentedKey presented = test.answer(test.key);
  const PresentedKey good = presented;
  SECTION("granted") {
    CHECK(test.key_verdict(test.second_step(), presented) == "granted proven");
  }
  SECTION("refused") {
    presented.signature.back() ^= 1;
    CHECK(test.key_verdict(test.second_step(), presented) == "denied key_refused");
  }
  SECTION("of a key that is nobody's") {
    presented.credential_id = Bytes(48);
    CHECK(test.key_verdict(test.second_step(), presented) == "denied key_unknown");
  }
  CHECK(test.key_verdict(test.second_step(), good) == "denied ceremony_gone");
  CHECK(test.last_audit() ==
        "login_security_key denied user:hanako user:hanako 10.1.2.3 "
        "{\"reason\":\"ceremony_gone\",\"place\":\"portal\"}");
}

TEST_CASE("a ceremony ends at its last moment", "[authn]") {
  KeyTown test;
  const PresentedKey late = test.answer(test.key);
  const PresentedKey in_time = test.answer(test.key);
  test.clock.advance(test.policy.security_keys.ceremony - 1ms);
  CHECK(test.key_verdict(test.second_step(), in_time) == "granted proven");
  test.clock.advance(1ms);
  CHECK(test.key_verdict(test.second_step(), late) == "denied ceremony_gone");
}

TEST_CASE("an answer whose ticket is spent already is judged without one", "[authn]") {
  KeyTown test;
  PresentedKey presented = test.answer(test.key);
  presented.ticket.reset();
  CHECK(test.key_verdict(test.second_step(), presented) == "granted proven");
  CHECK(test.number("SELECT count(*) FROM spent_logins") == 0);
}

TEST_CASE("a key that verified nobody is refused where policy or door want it", "[authn]") {
  KeyTown test;
  test.key.is_verified = false;
  Claim claim = test.second_step();
  SECTION("policy") {
    test.policy.security_keys.requires_user_verification = true;
  }
  SECTION("door") {
    claim.require = Assurance::kVerifiedKey;
  }
  CHECK(test.key_verdict(claim, test.answer(test.key)) == "denied key_not_verified");
  CHECK_THAT(test.last_audit(), has("\"reason\":\"key_not_verified\""));
  CHECK_THAT(test.last_audit(), has("\"fault\":\"not_verified\""));
  CHECK(test.failures() == 1);
  CHECK(test.row().sign_count == 1);
}

TEST_CASE("a credential that can leave its key is refused when policy forbids those", "[authn]") {
  KeyTown test;
  PaperKey phone;
  phone.is_backup_eligible = true;
  phone.is_backed_up = true;
  test.bind(phone);
  CHECK(test.key_verdict(phone) == "denied key_refused");
  CHECK_THAT(test.last_audit(), has("\"fault\":\"syncable\""));
  CHECK(test.failures() == 1);
  test.policy.security_keys.allows_syncable = true;
  CHECK(test.key_verdict(phone) == "granted proven");
  phone.is_backup_eligible = phone.is_backed_up = false;
  CHECK(test.key_verdict(phone) == "denied key_refused");
  CHECK_THAT(test.last_audit(), has("\"fault\":\"backup_eligibility_changed\""));
}

TEST_CASE("a key of somebody who is disabled is refused", "[authn]") {
  KeyTown test;
  must(test.administration().set_enabled("hanako", false));
  CHECK(test.key_verdict(test.key) == "denied user_disabled");
  CHECK(test.row().sign_count == 1);
}

TEST_CASE("a key without a first factor is not even looked at", "[authn]") {
  KeyTown test;
  test.policy.security_keys.allows_passwordless = true;
  const auto rows = test.audit().size();
  for (const char* proven : {"", "totp", "security_key", "enrolment_code"}) {
    Claim claim = test.claim();
    claim.proven_factors = proven;
    const LoginResult result = test.log_in(claim, test.shown(test.naming_answer(test.key)));
    CHECK(result.verdict.outcome == Outcome::kDenied);
    CHECK_FALSE(result.user);
  }
  CHECK(test.audit().size() == rows);
  CHECK(test.row().sign_count == 1);
  CHECK(test.number("SELECT count(*) FROM spent_logins") == 0);
}

TEST_CASE("a wrong password spends neither the key's answer nor its ticket", "[authn]") {
  KeyTown test;
  Presented what = test.shown(test.answer(test.key));
  what.password = Secret("another password");
  CHECK(test.verdict(test.claim(), what) == "denied wrong_password");
  CHECK(test.failures() == 0);
  what.password = Secret(kPassword);
  CHECK(test.verdict(test.claim(), what) == "granted proven");
}

TEST_CASE("a stranger's key is refused, and nobody's password is no first factor for it",
          "[authn]") {
  KeyTown test;
  Presented what = test.shown(test.answer(test.key));
  what.password = Secret(kPassword);
  CHECK(test.verdict(test.claim("nobody"), what) == "denied unknown_user");
  CHECK(test.key_verdict(test.second_step("nobody"), test.answer(test.key)) ==
        "denied key_unknown");
  CHECK_THAT(test.last_audit(), has("login_security_key denied unknown unknown 10.1.2.3 "));
}

TEST_CASE("a security key that is announced and not shown is refused", "[authn]") {
  KeyTown test;
  Presented what;
  what.second_factor = Factor::kSecurityKey;
  what.code = Secret(test.code());
  CHECK(test.verdict(test.second_step(), what) == "denied not_enough");
  CHECK(test.failures() == 0);
}

// ---- slowing down

TEST_CASE("a key that is wrong five times is locked at that source, and at no other", "[authn]") {
  KeyTown test;
  PaperKey wrong;
  for (int i = 0; i < test.policy.throttle.lock_after;) {
    const auto result = test.log_in(test.second_step(), test.shown(test.answer(wrong)));
    if (result.verdict.retry_at) {
      test.clock.set(*result.verdict.retry_at);
    } else {
      ++i;
    }
  }
  const PresentedKey good = test.answer(test.key);
  const LoginResult locked = test.log_in(test.second_step(), test.shown(good));
  CHECK(locked.verdict.outcome == Outcome::kLocked);
  CHECK(locked.verdict.reason == Reason::kThrottled);
  CHECK(locked.verdict.retry_at == test.clock.now() + 15min);
  CHECK_THAT(test.last_audit(), has("login_security_key locked user:hanako"));
  CHECK_THAT(test.last_audit(), has("\"refusals\":1"));
  CHECK(test.row().sign_count == 1);
  // What was locked was not judged, but shown: its ticket is spent.  Elsewhere the key is as good
  // as ever.
  CHECK(test.key_verdict(test.second_step("hanako", "10.9.9.9"), good) == "denied ceremony_gone");
  CHECK(test.key_verdict(test.second_step("hanako", "10.9.9.9"), test.answer(test.key)) ==
        "granted proven");
  CHECK(test.verdict(test.second_step(), test.presented({}, test.code())) == "granted proven");
}

TEST_CASE("however often a key is wrong, it is never disabled", "[authn]") {
  KeyTown test;
  must(test->attempts().set({subject_of(test.hanako), "security_key", "*"},
                            {test.policy.throttle.disable_after, test.clock.now(), Instant()}));
  CHECK(test.key_verdict(test.key) == "granted proven");
}

TEST_CASE("a granted key forgets the failures before it", "[authn]") {
  KeyTown test;
  PaperKey wrong;
  test.key_verdict(wrong);
  test.key_verdict(wrong);
  CHECK(test.failures() == 2);
  CHECK(must(test->users().find(test.hanako))->failures_since == 2);
  CHECK(test.key_verdict(test.key) == "granted proven");
  CHECK(test.failures() == 0);
  CHECK(must(test->users().find(test.hanako))->failures_since == 0);
}

// ---- counters and copies

TEST_CASE("a counter that did not grow is refused to a member of a privileged group", "[authn]") {
  KeyTown test;
  test.policy.privileged.groups = {"admins", "tax"};
  test.key.counter = 1;  // the one of the registration, again
  CHECK(test.key_verdict(test.key) == "denied key_suspected");
  CHECK_THAT(test.last_audit(), has("\"reason\":\"key_suspected\""));
  CHECK(test.row().suspected_at == test.clock.now());
  CHECK_THAT(test.last_audit(), has("\"key\":1,\"label\":\"青い鍵\",\"clone_suspected\":true"));
  CHECK(test.failures() == 1);
  CHECK(test.row().sign_count == 1);
  CHECK(test.key_verdict(test.key) == "granted proven");  // 2 now
}

TEST_CASE("a counter that did not grow is granted to others, told, and remembered of the key",
          "[authn]") {
  KeyTown test;
  test.policy.privileged.groups = {"admins"};
  test.key.counter = 100;
  CHECK(test.key_verdict(test.key) == "granted proven");
  CHECK_FALSE(test.row().suspected_at);
  for (const std::uint32_t counter : {100U, 99U, 1U, 0U}) {
    test.clock.advance(1min);
    test.key.counter = counter;
    CHECK(test.key_verdict(test.key) == "granted proven");
    CHECK_THAT(test.last_audit(), has("\"clone_suspected\":true"));
    CHECK(test.row().suspected_at == test.clock.now());
    CHECK(test.row().sign_count == 100);  // never lower
  }
  const Instant suspected = test.clock.now();
  test.clock.advance(1min);
  test.key.counter = 101;
  CHECK(test.key_verdict(test.key) == "granted proven");
  CHECK(test.last_audit().find("clone_suspected") == std::string::npos);
  CHECK(test.row().suspected_at == suspected);  // a person must look into it
  CHECK(test.row().sign_count == 101);
}

TEST_CASE("a key that does not count is believed each time", "[authn]") {
  KeyTown test;
  test.policy.privileged.groups = {"tax"};
  PaperKey still;
  still.counter = 0;
  const auto id = test.bind(still);
  CHECK(test.key_verdict(still) == "granted proven");
  CHECK(test.key_verdict(still) == "granted proven");
  CHECK(test.row(id).sign_count == 0);
  CHECK_FALSE(test.row(id).suspected_at);
}

TEST_CASE("a counter grows to the largest that it can say", "[authn]") {
  KeyTown test;
  test.key.counter = UINT32_MAX;
  CHECK(test.key_verdict(test.key) == "granted proven");
  CHECK(test.row().sign_count == UINT32_MAX);
}

// Why another connection granted or refused `presented`, once everybody is at `start`.
std::string decide_elsewhere(KeyTown& test, const PresentedKey& presented, std::latch& start) {
  store::Store store = test.another();
  SystemRandom random;
  const Login login(test.policy, test.keyring, random);
  const Claim claim = test.second_step();
  const Presented what = test.shown(presented);
  start.arrive_and_wait();
  auto transaction = store.begin();
  if (!transaction) return outcome_of(transaction);
  const auto prepared = login.prepare(store, claim, what, test.clock.now());
  if (!prepared) return outcome_of(prepared);
  const auto result = login.decide(store, claim, *prepared, what, test.clock.now());
  if (!result) return outcome_of(result);
  if (auto done = transaction->commit(); !done) return outcome_of(done);
  return std::string(name_of(result->verdict.reason));
}

std::string at_once(KeyTown& test, const PresentedKey& one, const PresentedKey& other) {
  std::latch start(2);
  const auto decide = [&](const PresentedKey& presented) {
    return std::async(std::launch::async, [&] { return decide_elsewhere(test, presented, start); });
  };
  auto first = decide(one);
  auto second = decide(other);
  std::vector<std::string> reasons{first.get(), second.get()};
  std::ranges::sort(reasons);
  return reasons[0] + ", " + reasons[1];
}

TEST_CASE("of two logins at once with one answer, exactly one is granted", "[authn]") {
  KeyTown test;
  const PresentedKey presented = test.answer(test.key);
  CHECK(at_once(test, presented, presented) == "ceremony_gone, proven");
}

TEST_CASE("of two logins at once with the same counter, exactly one is granted", "[authn]") {
  KeyTown test;
  test.policy.privileged.groups = {"tax"};
  test.key.counter = 7;
  const PresentedKey one = test.answer(test.key);
  test.key.counter = 7;
  CHECK(at_once(test, one, test.answer(test.key)) == "key_suspected, proven");
  CHECK(test.row().sign_count == 7);
}

// ---- a store that is broken

TEST_CASE("a key whose row was changed by hand opens nothing, and the log says so", "[authn]") {
  for (const char* change :
       {"public_key = zeroblob(64)", "algorithm = -35", "user_id = 2", "is_backup_eligible = 1",
        "aaguid = zeroblob(16)", "attestation = 'anchored'", "transports = 'ble'",
        "row_tag = zeroblob(32)"}) {
    INFO(change);
    KeyTown test;
    test.hire("taro");
    const PresentedKey presented = test.answer(test.key);
    test.sql("UPDATE security_keys SET " + std::string(change));
    CHECK(test.key_verdict(test.second_step(), presented) == "denied key_row_changed");
    CHECK_THAT(test.last_audit(), has("\"reason\":\"key_row_changed\""));
    CHECK(test.row().sign_count == 1);
  }
}

TEST_CASE("a key whose row was copied over from a colleague's opens nothing", "[authn]") {
  KeyTown test;
  test.hire("taro");
  PaperKey other;
  test.bind(other, "taro");
  test.sql(
      "UPDATE security_keys SET public_key = (SELECT public_key FROM security_keys WHERE id = "
      "2), row_tag = (SELECT row_tag FROM security_keys WHERE id = 2) WHERE id = 1");
  CHECK(test.key_verdict(test.key) == "denied key_row_changed");
}

TEST_CASE("a row tagged with a key that is gone decides nothing", "[authn]") {
  KeyTown test;
  test.sql("UPDATE security_keys SET key_id = 'k9'");
  CHECK(test.key_verdict(test.key) == "not_found: the key file has no key with the id k9");
}

TEST_CASE("a key's login that cannot be written down is an error, and consumes nothing",
          "[authn]") {
  KeyTown test;
  const PresentedKey presented = test.answer(test.key);
  test.block_audit();
  CHECK_THAT(test.key_verdict(test.second_step(), presented), has("invalid: "));
  CHECK(test.row().sign_count == 1);
  CHECK(test.failures() == 0);
  test.sql("DROP TRIGGER no_more");
  CHECK(test.key_verdict(test.second_step(), presented) == "granted proven");
}

TEST_CASE("a store without its tables is an error at every part of a key's login", "[authn]") {
  for (const char* table : {"users", "security_keys", "spent_logins", "attempts", "audit_log"}) {
    KeyTown test;
    PresentedKey presented = test.answer(test.key);
    presented.user_handle = test.handle;
    test.sql("PRAGMA foreign_keys = OFF; DROP TABLE " + std::string(table));
    INFO(table);
    CHECK_FALSE(test.try_login(test.second_step(), test.shown(presented)));
  }
}

// ---- grants

TEST_CASE("a password and a key are granted, and what the key told is remembered", "[authn]") {
  KeyTown test;
  test.key.counter = 41;
  Presented what = test.shown(test.naming_answer(test.key));
  what.password = Secret(kPassword);
  const LoginResult result = test.log_in(test.claim(), what);
  CHECK(result.verdict.is_granted());
  CHECK(result.user->id == test.hanako);
  CHECK(result.assurance == Assurance::kVerifiedKey);
  CHECK(result.factors == "password security_key+uv");
  CHECK(test.last_audit() ==
        "login_security_key granted user:hanako user:hanako 10.1.2.3 "
        "{\"reason\":\"proven\",\"place\":\"portal\",\"key\":1,\"label\":\"青い鍵\","
        "\"user_verified\":true}");
  const store::SecurityKey row = test.row();
  CHECK(row.sign_count == 41);
  CHECK(row.last_used_at == test.clock.now());
  CHECK(row.last_used_from == "10.1.2.3");
}

TEST_CASE("a key that was only touched is a key, and one that verified its holder is more",
          "[authn]") {
  KeyTown test;
  test.key.is_verified = false;
  const LoginResult touched = test.log_in(test.second_step(), test.shown(test.answer(test.key)));
  CHECK(touched.assurance == Assurance::kSecurityKey);
  CHECK(touched.factors == "password security_key");
  CHECK_THAT(test.last_audit(), has("\"user_verified\":false"));
  CHECK(test.row().is_verifying);  // once and for all
  test.key.is_verified = true;
  CHECK(test.log_in(test.second_step(), test.shown(test.answer(test.key))).assurance ==
        Assurance::kVerifiedKey);
}

TEST_CASE("a key that gets its PIN after it was bound is a key and no more: anybody can set one",
          "[authn]") {
  KeyTown test;
  PaperKey bare;
  bare.is_verified = false;
  const auto id = test.bind(bare);
  CHECK_FALSE(test.row(id).is_verifying);
  bare.is_verified = true;
  const LoginResult result = test.log_in(test.second_step(), test.shown(test.answer(bare)));
  CHECK(result.assurance == Assurance::kSecurityKey);
  CHECK_FALSE(test.row(id).is_verifying);
  Claim claim = test.second_step();
  claim.require = Assurance::kVerifiedKey;
  CHECK(test.key_verdict(claim, test.answer(bare)) == "denied key_not_verified");
}

TEST_CASE("either of two keys is granted, and each has its own counter", "[authn]") {
  KeyTown test;
  PaperKey second;
  const auto id = test.bind(second);
  second.counter = 500;
  CHECK(test.key_verdict(second) == "granted proven");
  CHECK(test.key_verdict(test.key) == "granted proven");
  CHECK(test.row().sign_count == 2);
  CHECK(test.row(id).sign_count == 500);
}

TEST_CASE("keys still work after the sealing key was changed", "[authn]") {
  KeyTown test;
  test.rotate_keys("k2");
  CHECK(test.key_verdict(test.key) == "granted proven");
}

// ---- what a login is written down as

TEST_CASE("a login is noted at the first second factor, not at those that follow", "[authn]") {
  KeyTown test;
  CHECK(test.key_verdict(test.key) == "granted proven");
  const Instant first = test.clock.now();
  test.clock.advance(1h);
  Claim again = test.second_step();
  again.place = "portal again";
  for (const char* proven : {"password totp", "password security_key", "security_key+uv"}) {
    again.proven_factors = proven;
    CHECK(test.key_verdict(again, test.answer(test.key)) == "granted proven");
  }
  const store::User user = test.user();
  CHECK(user.last_login_at == first);
  CHECK(user.last_login_from == "10.1.2.3 portal");
  again.proven_factors = "password";
  CHECK(test.key_verdict(again, test.answer(test.key)) == "granted proven");
  CHECK(test.user().last_login_at == test.clock.now());
}

TEST_CASE("a key after a code is one factor more, and the code is not forgotten", "[authn]") {
  KeyTown test;
  Claim claim = test.second_step();
  claim.proven_factors = "password totp";
  const LoginResult result = test.log_in(claim, test.shown(test.answer(test.key)));
  CHECK(result.factors == "password totp security_key+uv");
  CHECK(result.assurance == Assurance::kVerifiedKey);
}

TEST_CASE("raising a complete session keeps its end and the login before it", "[authn]") {
  KeyTown test;
  const auto open = [&](const LoginResult& granted, std::optional<store::SessionId> previous) {
    return must(open_session(*test, test.random, test.policy, granted, "10.1.2.3", previous,
                             test.clock.now()));
  };
  const auto stored = [&](const OpenedSession& opened) {
    return must(test->sessions().find(opened.id)).value();
  };
  const auto with_code = [&] {
    test.clock.advance(1min);
    return test.log_in(test.second_step(), test.presented({}, test.code()));
  };
  open(with_code(), {});
  const Instant before = test.clock.now();
  test.clock.advance(1h);
  PaperKey wrong;
  test.key_verdict(wrong);
  const OpenedSession first = open(with_code(), {});
  CHECK(first.expires_at == test.clock.now() + test.policy.session.absolute);
  CHECK(stored(first).previous_login_at == before);

  test.clock.advance(2h);
  Claim claim = test.second_step();
  claim.proven_factors = "password totp";
  const OpenedSession raised =
      open(test.log_in(claim, test.shown(test.answer(test.key))), first.id);
  const store::Session session = stored(raised);
  CHECK(raised.expires_at == first.expires_at);
  CHECK(session.expires_at == first.expires_at);
  CHECK(session.previous_login_at == before);
  CHECK(session.previous_login_from == "10.1.2.3 portal");
  CHECK(session.failures_before == 1);
  CHECK(session.assurance == static_cast<int>(Assurance::kVerifiedKey));
  CHECK(session.factors == "password totp security_key+uv");
  CHECK(session.idle_limit == test.policy.session.idle);
  CHECK(stored(first).end_reason == "raised");
}

TEST_CASE("raising a session that waited for a second factor begins a new life", "[authn]") {
  KeyTown test;
  const LoginResult waiting = test.log_in(test.claim(), test.presented(kPassword));
  const OpenedSession first = must(
      open_session(*test, test.random, test.policy, waiting, "10.1.2.3", {}, test.clock.now()));
  test.clock.advance(1min);
  const LoginResult complete = test.log_in(test.second_step(), test.shown(test.answer(test.key)));
  const OpenedSession raised = must(open_session(*test, test.random, test.policy, complete,
                                                 "10.1.2.3", first.id, test.clock.now()));
  CHECK(raised.expires_at == test.clock.now() + test.policy.session.absolute);
}

}  // namespace
}  // namespace sekisho::authn
