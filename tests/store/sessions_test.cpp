#include "store/sessions.h"

#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::must;
using testing::outcome_of;
using testing::TestStore;

struct WithSession : TestStore {
  UserId user = add_user();
  SessionId id = open(user, "token");

  SessionId open(UserId owner, std::string_view token) {
    Session session;
    session.token_hash = sha256(token);
    session.user = owner;
    session.assurance = 2;
    session.factors = "password totp";
    session.source = "10.1.2.3";
    session.created_at = clock.now();
    session.last_seen_at = clock.now();
    session.idle_limit = 15min;
    session.expires_at = clock.now() + 12h;
    return must((*this)->sessions().add(session));
  }
  using TestStore::open;

  bool is_live() {
    for (const Session& session : must((*this)->sessions().live(clock.now()))) {
      if (session.id == id) return true;
    }
    return false;
  }
  Session found() { return must((*this)->sessions().find(id)).value(); }
  void touch() { must((*this)->sessions().touch(id, clock.now())); }
};

TEST_CASE("a session is not live from the moment its idle limit is reached", "[store]") {
  WithSession test;
  test.clock.advance(15min - 1ms);
  CHECK(test.is_live());
  test.clock.advance(1ms);
  CHECK_FALSE(test.is_live());
}

TEST_CASE("a session that is used all the time is not live from its absolute limit on", "[store]") {
  WithSession test;
  const Instant end = test.found().expires_at;
  while (test.clock.now() < end - 10min) {
    test.clock.advance(10min);
    test.touch();
  }
  test.clock.set(end - 1ms);
  CHECK(test.is_live());
  test.clock.set(end);
  test.touch();
  CHECK_FALSE(test.is_live());
}

TEST_CASE("a session that was ended is not live, and is ended once", "[store]") {
  WithSession test;
  CHECK(must(test->sessions().end(test.id, "signed out", test.clock.now())));
  CHECK_FALSE(test.is_live());
  const Instant first = test.clock.now();
  test.clock.advance(1s);
  CHECK_FALSE(must(test->sessions().end(test.id, "again", test.clock.now())));
  CHECK(test.found().ended_at == first);
  CHECK(test.found().end_reason == "signed out");
  CHECK_FALSE(must(test->sessions().end({4711}, "none", test.clock.now())));
}

TEST_CASE("all sessions of one user end together, and nobody else's", "[store]") {
  WithSession test;
  test.open(test.user, "second");
  const SessionId ended = test.open(test.user, "third");
  must(test->sessions().end(ended, "signed out", test.clock.now()));
  const UserId taro = test.add_user("taro");
  test.open(taro, "fourth");
  CHECK(must(test->sessions().end_all_of(test.user, "user disabled", test.clock.now())) == 2);
  CHECK(must(test->sessions().live_of(test.user, test.clock.now())).empty());
  CHECK(must(test->sessions().live_of(taro, test.clock.now())).size() == 1);
}

TEST_CASE("a session's last use never moves back", "[store]") {
  WithSession test;
  const Instant start = test.clock.now();
  test.clock.advance(5min);
  test.touch();
  test.clock.set(start + 1min);
  test.touch();
  CHECK(test.found().last_seen_at == start + 5min);
}

TEST_CASE("an ended session is not touched to life", "[store]") {
  WithSession test;
  const Instant start = test.clock.now();
  must(test->sessions().end(test.id, "signed out", start));
  test.clock.advance(5min);
  test.touch();
  CHECK(test.found().last_seen_at == start);
  CHECK_FALSE(test.is_live());
}

TEST_CASE("two sessions never share a token", "[store]") {
  WithSession test;
  Session twin = test.found();
  CHECK_THAT(outcome_of(test->sessions().add(twin)), has("already_exists: "));
}

TEST_CASE("a session of nobody, or of no known assurance, is refused", "[store]") {
  WithSession test;
  Session session = test.found();
  session.token_hash = sha256("other");
  session.user = {4711};
  CHECK_THAT(outcome_of(test->sessions().add(session)), has("invalid: "));
  session.user = test.user;
  session.assurance = 5;
  CHECK_THAT(outcome_of(test->sessions().add(session)), has("invalid: "));
}

TEST_CASE("a session is found by the hash of its token and no other", "[store]") {
  WithSession test;
  CHECK_FALSE(must(test->sessions().find(sha256("other"))));
  CHECK_FALSE(must(test->sessions().find(Digest{})));
  const Session session = must(test->sessions().find(sha256("token"))).value();
  CHECK(session.id == test.id);
  CHECK(session.user == test.user);
  CHECK(session.assurance == 2);
  CHECK(session.factors == "password totp");
  CHECK(session.source == "10.1.2.3");
  CHECK(session.idle_limit == 15min);
  CHECK(session.expires_at == test.clock.now() + 12h);
}

TEST_CASE("sessions survive a restart", "[store]") {
  WithSession test;
  test.reopen();
  CHECK(test.is_live());
}

TEST_CASE("only sessions past their absolute limit are purged, the oldest first", "[store]") {
  WithSession test;
  const Instant end = test.found().expires_at;
  test.clock.advance(1h);
  test.open(test.user, "second");
  test.open(test.user, "third");
  CHECK(must(test->sessions().purge(end, 10)) == 0);
  CHECK(must(test->sessions().purge(end + 1ms, 10)) == 1);
  CHECK_FALSE(must(test->sessions().find(test.id)));
  CHECK(must(test->sessions().purge(end + 2h, 1)) == 1);
  CHECK(must(test->sessions().purge(end + 2h, 10)) == 1);
}

TEST_CASE("the first use of an application by a session is told once", "[store]") {
  WithSession test;
  const SessionId other = test.open(test.user, "other token");
  const auto note = [&](SessionId session, const char* application) {
    return must(test->sessions().note_application(session, application, test.clock.now()));
  };
  CHECK(note(test.id, "tax"));
  CHECK_FALSE(note(test.id, "tax"));
  CHECK(note(test.id, "roads"));
  CHECK(note(other, "tax"));
  test.reopen();
  CHECK_FALSE(note(test.id, "tax"));
}

TEST_CASE("a forgotten session's applications are forgotten with it", "[store]") {
  WithSession test;
  must(test->sessions().note_application(test.id, "tax", test.clock.now()));
  test.clock.advance(13h);
  CHECK(must(test->sessions().purge(test.clock.now(), 10)) == 1);
  CHECK(test.number("SELECT count(*) FROM session_applications") == 0);
  // What comes late is told rather than swallowed.
  CHECK(must(test->sessions().note_application(test.id, "tax", test.clock.now())));
}

}  // namespace
}  // namespace sekisho::store
