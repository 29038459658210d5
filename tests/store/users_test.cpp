#include "store/users.h"

#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using testing::has;
using testing::must;
using testing::outcome_of;
using testing::TestStore;

TEST_CASE("a login name belongs to one user, also in other letters' case", "[store]") {
  TestStore test;
  test.add_user("hanako");
  for (const std::string name : {"hanako", "Hanako", "HANAKO"}) {
    CHECK_THAT(outcome_of(test->users().add(name, "", test.clock.now())), has("already_exists: "));
  }
}

TEST_CASE("nobody has the name of nobody", "[store]") {
  TestStore test;
  test.add_user("hanako");
  for (const std::string& name :
       {std::string("taro"), std::string(), std::string("hanako\0", 7), std::string("HANAKO"),
        std::string("' OR 1=1 --"), std::string("\xff\xfe"), std::string(1 << 20, 'h')}) {
    CHECK_FALSE(must(test->users().find(name)));
  }
  CHECK_FALSE(must(test->users().find(UserId{4711})));
}

TEST_CASE("a user that was removed is gone with credentials, sessions, groups and password",
          "[store]") {
  TestStore test;
  const UserId user = test.add_user();
  const auto credential = test.add_totp(user, "01234567890123456789");
  must(test->users().add_to_group(user, "tax"));
  must(test->users().set_password(user, {"hash", "k1", test.clock.now()}));
  must(test->recovery_codes().replace(user, {Bytes(16), "k1"}, {Bytes(32)}, test.clock.now()));
  Session session;
  session.user = user;
  session.expires_at = test.clock.now() + std::chrono::hours(1);
  session.idle_limit = std::chrono::hours(1);
  session.last_seen_at = test.clock.now();
  must(test->sessions().add(session));

  CHECK(must(test->users().remove(user)));
  CHECK_FALSE(must(test->users().remove(user)));
  CHECK_FALSE(must(test->totp_credentials().find(credential)));
  CHECK_FALSE(must(test->users().password(user)));
  CHECK(must(test->recovery_codes().remaining(user)) == 0);
  CHECK(must(test->sessions().live(test.clock.now())).empty());
  CHECK(test.number("SELECT count(*) FROM user_groups") == 0);
}

TEST_CASE("the number of a removed user is never given to another", "[store]") {
  TestStore test;
  const UserId first = test.add_user("hanako");
  must(test->users().remove(first));
  CHECK(test.add_user("hanako") != first);
}

TEST_CASE("a user has a display name in any script, and groups in order", "[store]") {
  TestStore test;
  const UserId user = must(test->users().add("hanako", "關所 花子 𠮷", test.clock.now()));
  CHECK(must(test->users().add_to_group(user, "welfare")));
  CHECK(must(test->users().add_to_group(user, "tax")));
  CHECK_FALSE(must(test->users().add_to_group(user, "tax")));
  const User found = must(test->users().find("hanako")).value();
  CHECK(found.display_name == "關所 花子 𠮷");
  CHECK(found.groups == std::vector<std::string>{"tax", "welfare"});
  CHECK(found.is_enabled);
  CHECK(must(test->users().remove_from_group(user, "tax")));
  CHECK_FALSE(must(test->users().remove_from_group(user, "tax")));
  CHECK(must(test->users().list()).front().groups == std::vector<std::string>{"welfare"});
}

TEST_CASE("a password is replaced, not added", "[store]") {
  TestStore test;
  const UserId user = test.add_user();
  CHECK_FALSE(must(test->users().password(user)));
  must(test->users().set_password(user, {"old", "k1", test.clock.now()}));
  must(test->users().set_password(user, {"new", "k2", test.clock.now()}));
  const PasswordHash password = must(test->users().password(user)).value();
  CHECK(password.hash == "new");
  CHECK(password.key_id == "k2");
}

TEST_CASE("a granted login is written down and ends the count of failures", "[store]") {
  TestStore test;
  const UserId user = test.add_user();
  CHECK_FALSE(must(test->users().find(user))->last_login_at);
  must(test->users().note_failure(user));
  must(test->users().note_failure(user));
  CHECK(must(test->users().find(user))->failures_since == 2);
  must(test->users().note_login(user, "10.1.2.3 portal", test.clock.now()));
  const User found = must(test->users().find(user)).value();
  CHECK(found.failures_since == 0);
  CHECK(found.last_login_at == test.clock.now());
  CHECK(found.last_login_from == "10.1.2.3 portal");
}

}  // namespace
}  // namespace sekisho::store
