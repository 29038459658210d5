// What the gate answered reaches the audit log: what matters once, nothing twice, nothing lost.

#include "gateway/access_notes.h"

#include "tests/support/test_store.h"

namespace sekisho::gateway {
namespace {

using namespace std::chrono_literals;
using authn::AccessOutcome;
using testing::must;
using testing::TestStore;

struct WithJournal : TestStore {
  AccessJournal journal;
  PendingNotes pending;
  store::UserId user = add_user();
  store::SessionId session = open_session();

  store::SessionId open_session() {
    store::Session opened;
    opened.token_hash = sha256("token");
    opened.user = user;
    opened.created_at = opened.last_seen_at = clock.now();
    opened.idle_limit = 15min;
    opened.expires_at = clock.now() + 12h;
    return must((*this)->sessions().add(opened));
  }
  AccessNote note(AccessOutcome outcome, std::optional<store::SessionId> who,
                  std::string client = "10.1.2.3") {
    return {clock.now(), who,     who ? "hanako" : "",     "tax", std::move(client),
            "proxy",     outcome, authn::name_of(outcome), 7,     "/admin"};
  }
  AccessNote granted() { return note(AccessOutcome::kAllowed, session); }
  AccessNote refused() { return note(AccessOutcome::kForbidden, session); }

  void write() { must(journal.write(**this, pending.take(), clock.now())); }
  void write(std::vector<AccessNote> notes) {
    for (AccessNote& one : notes) pending.add(std::move(one));
    write();
  }
  // "granted user:hanako application:tax 10.1.2.3 {…}", oldest first.
  std::vector<std::string> told() {
    std::vector<std::string> lines;
    for (const store::AuditRow& row : must((*this)->audit_log().newest(10'000))) {
      lines.push_back(row.event + " " + row.outcome + " " + row.actor + " " + row.subject + " " +
                      row.source + " " + row.detail);
    }
    return lines;
  }
  // Every write of the store fails until it is called again with false.
  void break_store(bool broken) {
    sql(broken ? "PRAGMA query_only = ON" : "PRAGMA query_only = OFF");
  }
};

TEST_CASE("the first use of an application is told once a session", "[gateway]") {
  WithJournal test;
  test.write({test.granted(), test.granted()});
  test.clock.advance(2h);
  test.write({test.granted()});
  CHECK(test.told() ==
        std::vector<std::string>{"access granted user:hanako application:tax 10.1.2.3 "
                                 "{\"door\":\"proxy\",\"session\":1}"});
}

TEST_CASE("a refusal is told once a minute", "[gateway]") {
  WithJournal test;
  test.write({test.refused(), test.refused()});
  test.clock.advance(59s);
  test.write({test.refused()});
  CHECK(test.told() ==
        std::vector<std::string>{"access denied user:hanako application:tax 10.1.2.3 "
                                 "{\"door\":\"proxy\",\"session\":1,\"reason\":\"forbidden\","
                                 "\"rule_line\":7,\"path\":\"/admin\"}"});
  test.clock.advance(1s);
  test.write({test.refused()});
  CHECK(test.told().size() == 2);
}

TEST_CASE("another application, rule, reason or person is another refusal", "[gateway]") {
  WithJournal test;
  AccessNote application = test.refused();
  application.application = "roads";
  AccessNote rule = test.refused();
  rule.rule_line = 8;
  AccessNote reason = test.refused();
  reason.reason = "bad_path";
  test.write({test.refused(), application, rule, reason,
              test.note(AccessOutcome::kForbidden, {}, "10.1.2.3"),
              test.note(AccessOutcome::kForbidden, {}, "10.1.2.4")});
  CHECK(test.told().size() == 6);
}

TEST_CASE("what could not be written is written later, in its order", "[gateway]") {
  WithJournal test;
  test.pending.add(test.granted());
  test.pending.add(test.refused());
  auto batch = test.pending.take();
  test.break_store(true);
  REQUIRE_FALSE(test.journal.write(*test, batch, test.clock.now()));
  test.journal.forget(batch);
  test.break_store(false);
  test.pending.add(test.note(AccessOutcome::kForbidden, {}));
  test.pending.give_back(std::move(batch));
  test.write();
  const auto told = test.told();
  REQUIRE(told.size() == 3);
  CHECK(told[0].starts_with("access granted user:hanako"));
  CHECK(told[1].starts_with("access denied user:hanako"));
  CHECK(told[2].starts_with("access denied unknown"));
}

TEST_CASE("more than can wait is counted, and the count is told", "[gateway]") {
  WithJournal test;
  for (std::size_t i = 0; i < PendingNotes::kMost; ++i) CHECK(test.pending.add(test.granted()));
  CHECK_FALSE(test.pending.add(test.granted()));
  CHECK_FALSE(test.pending.add(test.refused()));
  test.write();
  const auto told = test.told();
  REQUIRE(told.size() == 2);
  CHECK(told[1] == "access_left_out done gateway gateway gateway {\"count\":2}");
}

TEST_CASE("a flood of strangers leaves room for colleagues", "[gateway]") {
  WithJournal test;
  for (std::size_t i = 0; i < PendingNotes::kMost; ++i) {
    test.pending.add(test.note(AccessOutcome::kBadPath, {}));
  }
  CHECK(test.pending.add(test.refused()));
}

TEST_CASE("a flood of strangers does not fill the log, nor hide a colleague", "[gateway]") {
  WithJournal test;
  const auto stranger = [&](int number) {
    return test.note(AccessOutcome::kBadPath, {}, "10.1.0." + std::to_string(number));
  };
  for (int i = 0; i < AccessJournal::kMostStrangers + 5; ++i) {
    test.pending.add(stranger(i));
    if (i == AccessJournal::kMostStrangers / 2) test.write();
  }
  test.write();
  CHECK(test.told().size() == AccessJournal::kMostStrangers + 1);
  CHECK(test.told().back() == "access_left_out done gateway gateway gateway {\"count\":5}");
  test.write({stranger(1), stranger(9999), test.refused()});
  const auto told = test.told();
  REQUIRE(told.size() == AccessJournal::kMostStrangers + 3);
  CHECK(told[told.size() - 2].starts_with("access denied user:hanako"));
  test.clock.advance(61s);
  test.write({stranger(9999)});
  CHECK(test.told().back().starts_with("access denied unknown application:tax 10.1.0.9999"));
}

TEST_CASE("a long path is cut, and bytes that are no text are shown", "[gateway]") {
  WithJournal test;
  AccessNote note = test.refused();
  note.path = "/\xff" + std::string(500, 'x');
  test.write({note});
  REQUIRE(test.told().size() == 1);
  CHECK(test.told()[0].find("\"path\":\"/\\\\xff" + std::string(198, 'x') + "\"") !=
        std::string::npos);
}

}  // namespace
}  // namespace sekisho::gateway
