// Security keys and enrolment codes as the store keeps them.

#include "store/security_keys.h"

#include "tests/support/catch.h"
#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using namespace std::chrono_literals;
using testing::must;
using testing::outcome_of;
using testing::TestStore;

struct WithKey : TestStore {
  WithKey() : user(add_user("hanako")) {
    key.user = user;
    key.label = "青い鍵";
    key.credential_id = Bytes(64, 1);
    key.algorithm = -7;
    key.public_key = Bytes(64, 2);
    key.aaguid = Bytes(16, 3);
    key.transports = "usb";
    key.sign_count = 5;
    key.added_at = clock.now();
    key.added_from = "10.1.2.3";
    id = must((*this)->security_keys().add(key));
  }
  SecurityKey found() { return must((*this)->security_keys().find(id)).value(); }
  bool note(std::uint32_t count, bool is_suspected = false) {
    return must((*this)->security_keys().note_use(id, {count, false, "terminal:t1", is_suspected},
                                                  clock.now()));
  }
  std::string outcome_of_login() {
    const auto found = (*this)->security_keys().find_for_login(key.credential_id);
    if (!found) return std::string(name_of(found.error().code));
    return *found ? "found" : "none";
  }

  UserId user;
  SecurityKey key;
  SecurityKeyId id;
};

TEST_CASE("a credential belongs to one key only, whoever asks", "[store]") {
  WithKey test;
  SecurityKey twin = test.key;
  twin.user = test.add_user("taro");
  CHECK(outcome_of(test->security_keys().add(twin)) ==
        "already_exists: this security key is registered already");
  CHECK(must(test->security_keys().owner(twin.credential_id)) == test.user);
  CHECK_FALSE(must(test->security_keys().owner(Bytes(64, 9))));
}

TEST_CASE("a store of the fifth version forgets verification that was not seen at binding",
          "[store]") {
  WithKey test;
  SecurityKey bound = test.key;
  bound.user = test.add_user("taro");
  bound.credential_id = Bytes(64, 9);
  bound.is_verifying = true;
  const SecurityKeyId bound_id = must(test->security_keys().add(bound));
  for (const auto& [id, is_verified] : {std::pair(bound_id, "true"), std::pair(test.id, "false")}) {
    must(test->audit_log().append(
        {"key_add", "done", "user:x", "user:x", "10.1.2.3",
         "{\"key\":" + std::to_string(id.value) + ",\"user_verified\":" + is_verified + "}"},
        test.clock.now()));
  }
  const auto session_of = [&](UserId user, std::string_view token) {
    Session session;
    session.token_hash = sha256(token);
    session.user = user;
    session.assurance = 4;
    session.factors = "password security_key+uv";
    session.idle_limit = 15min;
    session.created_at = session.last_seen_at = test.clock.now();
    session.verified_key_at = session.created_at;
    session.expires_at = test.clock.now() + 12h;
    must(test->sessions().add(session));
  };
  session_of(test.user, "one");
  session_of(bound.user, "two");
  test.sql(
      "UPDATE security_keys SET is_verifying = 1;"  // as the first use made it
      "DROP TABLE seats; PRAGMA user_version = 5");
  test.reopen();
  CHECK_FALSE(test.found().is_verifying);
  CHECK(must(test->security_keys().find(bound_id)).value().is_verifying);
  CHECK(must(test->sessions().live_of(test.user, test.clock.now())).empty());
  CHECK(must(test->sessions().live_of(bound.user, test.clock.now())).size() == 1);
}

TEST_CASE("a credential without an id, or with one of 1,024 bytes, is refused", "[store]") {
  WithKey test;
  SecurityKey other = test.key;
  for (const std::size_t size : {0U, 1024U}) {
    other.credential_id = Bytes(size, 7);
    CHECK_FALSE(test->security_keys().add(other));
  }
  other.credential_id = Bytes(1023, 7);
  CHECK(test->security_keys().add(other));
}

TEST_CASE("a key whose row was changed by hand decides nothing", "[store]") {
  for (const char* const change :
       {"public_key = zeroblob(64)", "algorithm = -8", "aaguid = zeroblob(16)",
        "attestation = 'anchored'", "is_backup_eligible = 1", "user_id = 2",
        "row_tag = zeroblob(32)", "transports = 'internal'"}) {
    INFO(change);
    WithKey test;
    test.add_user("taro");
    REQUIRE(test.outcome_of_login() == "found");
    test.sql(std::string("UPDATE security_keys SET ") + change);
    CHECK(test.outcome_of_login() == "corrupt");
  }
}

TEST_CASE("a key's row goes on after a change of sealing keys", "[store]") {
  WithKey test;
  test.rotate_keys("k2");
  CHECK(test.outcome_of_login() == "found");
}

TEST_CASE("a counter that does not grow is refused, in the statement that moves it", "[store]") {
  WithKey test;
  CHECK_FALSE(test.note(5));
  CHECK_FALSE(test.note(4));
  CHECK_FALSE(test.note(0));
  CHECK(test.note(6));
  CHECK_FALSE(test.note(6));
  CHECK(test.found().sign_count == 6);
}

TEST_CASE("a key that does not count is used again and again", "[store]") {
  WithKey test;
  test.sql("UPDATE security_keys SET sign_count = 0");
  CHECK(test.note(0));
  CHECK(test.note(0));
  CHECK(test.note(1));
  CHECK_FALSE(test.note(0));
}

TEST_CASE("a suspected use is remembered and never lowers the counter", "[store]") {
  WithKey test;
  CHECK(test.note(3, true));
  CHECK(test.found().sign_count == 5);
  CHECK(test.found().suspected_at == test.clock.now());
}

TEST_CASE("a use tells when and where, and never that the key verifies its holder", "[store]") {
  WithKey test;
  test.clock.advance(1h);
  REQUIRE(must(
      test->security_keys().note_use(test.id, {6, true, "terminal:t1", false}, test.clock.now())));
  CHECK(test.found().last_used_at == test.clock.now());
  CHECK(test.found().last_used_from == "terminal:t1");
  CHECK(test.found().is_backed_up);
  REQUIRE(test.note(7));
  CHECK_FALSE(test.found().is_verifying);
  CHECK_FALSE(test.found().is_backed_up);
}

TEST_CASE("a removed key is used no more", "[store]") {
  WithKey test;
  CHECK(must(test->security_keys().remove(test.id)));
  CHECK_FALSE(must(test->security_keys().remove(test.id)));
  CHECK(test.outcome_of_login() == "none");
  CHECK_FALSE(test.note(9));
}

TEST_CASE("a user handle is set once", "[store]") {
  WithKey test;
  CHECK_FALSE(must(test->users().handle(test.user)));
  must(test->users().set_handle(test.user, Bytes(64, 1)));
  must(test->users().set_handle(test.user, Bytes(64, 2)));
  CHECK(must(test->users().handle(test.user)) == Bytes(64, 1));
}

TEST_CASE("an enrolment code is good once, for its user, until it expires", "[store]") {
  WithKey test;
  const Instant end = test.clock.now() + 10min;
  const Digest hash = sha256("code");
  must(test->enrolment_codes().set(test.user, "k1", hash, end));
  CHECK(must(test->enrolment_codes().key_id(test.user)) == "k1");
  CHECK_FALSE(must(test->enrolment_codes().consume(test.user, sha256("other"), test.clock.now())));
  CHECK_FALSE(must(test->enrolment_codes().consume(test.add_user("taro"), hash, test.clock.now())));
  CHECK_FALSE(must(test->enrolment_codes().consume(test.user, hash, end)));
  CHECK(must(test->enrolment_codes().consume(test.user, hash, end - 1ms)));
  CHECK_FALSE(must(test->enrolment_codes().consume(test.user, hash, test.clock.now())));
}

TEST_CASE("a new enrolment code ends the one before it", "[store]") {
  WithKey test;
  const Instant end = test.clock.now() + 10min;
  must(test->enrolment_codes().set(test.user, "k1", sha256("one"), end));
  must(test->enrolment_codes().set(test.user, "k1", sha256("two"), end));
  CHECK_FALSE(must(test->enrolment_codes().consume(test.user, sha256("one"), test.clock.now())));
  CHECK(must(test->enrolment_codes().consume(test.user, sha256("two"), test.clock.now())));
}

}  // namespace
}  // namespace sekisho::store
