// Every change that a reader with a copy in memory must see reaches the journal.

#include "store/changes.h"

#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using namespace std::chrono_literals;
using testing::must;
using testing::TestStore;
using Kind = Change::Kind;

struct Journal : TestStore {
  UserId user = add_user();
  TerminalId terminal = add_terminal("t1");
  SessionId session = open_session("first");
  std::int64_t read_up_to = must((*this)->changes().range()).newest;

  SessionId open_session(std::string_view token) {
    Session opened;
    opened.token_hash = sha256(token);
    opened.user = user;
    opened.last_seen_at = clock.now();
    opened.idle_limit = 15min;
    opened.expires_at = clock.now() + 12h;
    return must((*this)->sessions().add(opened));
  }
  // What is new since this was asked last, as "s1 u3".
  std::string news() {
    std::string text;
    for (const Change& change : must((*this)->changes().since(read_up_to))) {
      text += text.empty() ? "" : " ";
      text += change.kind == Kind::kSession    ? "s"
              : change.kind == Kind::kUser     ? "u"
              : change.kind == Kind::kTerminal ? "t"
                                               : "i";
      text += std::to_string(change.row_id);
      read_up_to = change.revision;
    }
    return text;
  }
};

TEST_CASE("a session that begins, is used, ends or is forgotten is in the journal", "[store]") {
  Journal test;
  const std::string second = "s" + std::to_string(test.open_session("second").value);
  CHECK(test.news() == second);
  const std::string first = "s" + std::to_string(test.session.value);
  must(test->sessions().touch(test.session, test.clock.now() + 1min));
  CHECK(test.news() == first);
  must(test->sessions().end(test.session, "signed out", test.clock.now()));
  CHECK(test.news() == first);
  must(test->sessions().end_all_of(test.user, "user disabled", test.clock.now()));
  CHECK(test.news() == second);
  must(test->sessions().purge(test.clock.now() + 24h, 10));
  CHECK(test.news().size() == (first + " " + second).size());
}

TEST_CASE("a user that is renamed, disabled, enabled or changes groups is in the journal",
          "[store]") {
  Journal test;
  const std::string user = "u" + std::to_string(test.user.value);
  must(test->users().set_display_name(test.user, "関所 華子"));
  CHECK(test.news() == user);
  must(test->users().set_enabled(test.user, false));
  CHECK(test.news() == user);
  must(test->users().set_enabled(test.user, true));
  CHECK(test.news() == user);
  must(test->users().add_to_group(test.user, "tax"));
  CHECK(test.news() == user);
  must(test->users().remove_from_group(test.user, "tax"));
  CHECK(test.news() == user);
}

TEST_CASE("a user that is removed is in the journal with the sessions", "[store]") {
  Journal test;
  must(test->users().remove(test.user));
  const std::string news = test.news();
  CHECK(news.find("u" + std::to_string(test.user.value)) != std::string::npos);
  CHECK(news.find("s" + std::to_string(test.session.value)) != std::string::npos);
}

TEST_CASE("a terminal that is added, joins, is invited again or revoked is in the journal",
          "[store]") {
  Journal test;
  const std::string first = "t" + std::to_string(test.terminal.value);
  const TerminalId second =
      must(test->terminals().add("t2", sha256("x"), test.clock.now() + 1h, test.clock.now()));
  CHECK(test.news() == "t" + std::to_string(second.value));
  must(test->terminals().join(sha256("x"), test.clock.now()));
  CHECK(test.news() == "t" + std::to_string(second.value));
  must(test->terminals().invite_again(test.terminal, sha256("y"), test.clock.now() + 1h));
  CHECK(test.news() == first);
  must(test->terminals().revoke(test.terminal, test.clock.now()));
  CHECK(test.news() == first);
}

TEST_CASE("an identity key that is made, retires or is forgotten is in the journal", "[store]") {
  Journal test;
  const Instant now = test.clock.now();
  const IdentityKey key{{}, std::string(43, 'k'), now, now, {}};
  const Secret secret(std::string_view("a private key"));
  const auto id = must(test->identity_keys().add(key, secret, test.keyring, test.random));
  const std::string name = "i" + std::to_string(id.value);
  CHECK(test.news() == name);
  must(test->identity_keys().retire_all_but(IdentityKeyId{}, now));
  CHECK(test.news() == name);
  must(test->identity_keys().forget_retired(now));
  CHECK(test.news() == name);
}

TEST_CASE("what no copy in memory holds leaves the journal alone", "[store]") {
  Journal test;
  must(test->users().note_login(test.user, "10.1.2.3", test.clock.now()));
  must(test->users().note_failure(test.user));
  must(test->users().set_password(test.user, {"h", "k1", test.clock.now()}));
  test.add_totp(test.user, "01234567890123456789");
  must(test->attempts().set({"a", "b", "c"}, {1, test.clock.now(), {}}));
  must(test->audit_log().append({"e", "done", "a", "s", "x"}, test.clock.now()));
  CHECK(test.news() == "");
}

TEST_CASE("a change that was rolled back is not in the journal", "[store]") {
  Journal test;
  {
    const Transaction transaction = must(test->begin());
    must(test->users().set_enabled(test.user, false));
  }
  CHECK(test.news() == "");
}

TEST_CASE("purging keeps the newest changes and says where the journal begins", "[store]") {
  Journal test;
  for (int i = 0; i < 10; ++i) must(test->users().set_enabled(test.user, i % 2 == 0));
  const std::int64_t newest = must(test->changes().range()).newest;
  must(test->changes().purge(3));
  CHECK(must(test->changes().range()).oldest == newest - 2);
  CHECK(must(test->changes().range()).newest == newest);
  CHECK(must(test->changes().since(0)).size() == 3);
}

TEST_CASE("revisions go on where they were after the journal was emptied", "[store]") {
  Journal test;
  const std::int64_t newest = must(test->changes().range()).newest;
  must(test->changes().purge(0));
  CHECK(must(test->changes().range()).newest == 0);
  must(test->users().set_enabled(test.user, false));
  CHECK(must(test->changes().range()).oldest == newest + 1);
}

TEST_CASE("another connection's commit shows in the data version, one's own does not", "[store]") {
  Journal test;
  Store other = test.another();
  const std::int64_t version = must(test->database().data_version());
  must(test->users().set_enabled(test.user, false));
  CHECK(must(test->database().data_version()) == version);
  must(other.users().set_enabled(test.user, true));
  CHECK(must(test->database().data_version()) != version);
}

// What it costs to look is nothing (store/wal_index.h); what matters is that no commit is missed.
TEST_CASE("every single commit shows, also across checkpoints of the log", "[store]") {
  Journal test;
  Store other = test.another();
  std::int64_t version = must(test->database().data_version());
  for (int i = 0; i < 50; ++i) {
    must(other.users().set_enabled(test.user, i % 2 == 0));
    if (i % 10 == 9) must(other.database().script("PRAGMA wal_checkpoint(TRUNCATE)"));
    const std::int64_t next = must(test->database().data_version());
    INFO(i);
    CHECK(next != version);
    CHECK(must(test->database().data_version()) == next);
    version = next;
  }
}

}  // namespace
}  // namespace sekisho::store
