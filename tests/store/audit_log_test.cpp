// The audit chain against a vandal who has the file: with SQL, without the triggers, and with the
// patience to compute hashes, but without the signing key.

#include "store/audit_log.h"

#include "base/encoding.h"
#include "tests/support/forked.h"
#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::must;
using testing::outcome_of;
using testing::run_and_kill;
using testing::run_forked;
using testing::TestStore;

struct WithLog : TestStore {
  explicit WithLog(int rows = 10) { append(rows); }

  void append(int rows) {
    Transaction transaction = must((*this)->begin());
    for (int i = 0; i < rows; ++i) {
      const std::string number = std::to_string(++appended_);
      must((*this)->audit_log().append({"event" + number, "done", "admin:root", "user:hanako",
                                        "console", "{\"n\":" + number + "}"},
                                       clock.now()));
      clock.advance(1s);
    }
    must(transaction.commit());
  }
  Checkpoint sign() { return must((*this)->audit_log().sign_checkpoint(key, clock.now())).value(); }
  std::string verify(const std::optional<Checkpoint>& exported = {}) {
    return outcome_of((*this)->audit_log().verify(key.verifying_key(), exported));
  }
  std::vector<AuditRow> rows() { return must((*this)->audit_log().newest(1'000'000)); }

  // What a vandal does.
  void without_triggers(const std::string& statements) {
    sql("DROP TRIGGER IF EXISTS audit_log_is_not_changed; "
        "DROP TRIGGER IF EXISTS audit_log_is_not_deleted; " +
        statements);
  }
  void put(const AuditRow& row) {
    must((*this)->database().run(
        "INSERT INTO audit_log (seq, at, event, outcome, actor, subject, source, detail, "
        "previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row.seq, row.at, row.event, row.outcome, row.actor, row.subject, row.source, row.detail,
        ByteView(row.previous_hash), ByteView(row.hash)));
  }
  // Writes the whole log anew, every hash right, as only the signature can tell.
  void write_anew(const std::vector<AuditRow>& wanted) {
    without_triggers("DELETE FROM audit_log;");
    Digest previous = audit_genesis((*this)->store_id());
    std::int64_t seq = 0;
    for (AuditRow row : wanted) {
      row.seq = ++seq;
      row.previous_hash = previous;
      row.hash = hash_of(row);
      previous = row.hash;
      put(row);
    }
  }

  SigningKey key = must(SigningKey::parse(must(SigningKey::new_pem())));

 private:
  int appended_ = 0;
};

TEST_CASE("an audit row cannot be changed or deleted by a statement", "[store][audit]") {
  WithLog test;
  CHECK_THAT(outcome_of(test->database().run("UPDATE audit_log SET outcome = 'denied'")),
             has("the audit log is append-only"));
  CHECK_THAT(outcome_of(test->database().run("DELETE FROM audit_log WHERE seq = 10")),
             has("the audit log is append-only"));
  CHECK(test.verify() == "ok");
}

TEST_CASE("a changed field of an audit row is found, whichever it is", "[store][audit]") {
  for (const char* change :
       {"at = at + 1", "event = 'x'", "outcome = 'granted'", "actor = 'admin:taro'",
        "subject = 'user:taro'", "source = 'x'", "detail = '{}'"}) {
    WithLog test;
    test.without_triggers("UPDATE audit_log SET " + std::string(change) + " WHERE seq = 4");
    INFO(change);
    CHECK(test.verify() == "corrupt: audit row 4 was changed");
  }
}

TEST_CASE("text moved from one field of an audit row to the next is found", "[store][audit]") {
  WithLog test;
  test.without_triggers(
      "UPDATE audit_log SET actor = actor || subject, subject = '' WHERE seq = 4");
  CHECK(test.verify() == "corrupt: audit row 4 was changed");
}

TEST_CASE("a changed hash of an audit row is found", "[store][audit]") {
  for (const char* column : {"hash", "previous_hash"}) {
    WithLog test;
    test.without_triggers("UPDATE audit_log SET " + std::string(column) +
                          " = zeroblob(32) WHERE seq = 4");
    INFO(column);
    CHECK(test.verify() == "corrupt: audit row 4 was changed");
  }
}

TEST_CASE("an audit row that was changed with its own hash made right again is found",
          "[store][audit]") {
  WithLog test;
  AuditRow row = test.rows()[3];
  test.without_triggers("DELETE FROM audit_log WHERE seq = 4");
  row.outcome = "granted";
  row.hash = hash_of(row);
  test.put(row);
  CHECK(test.verify() ==
        "corrupt: audit row 5 does not follow the row before it: one of the two was replaced, "
        "inserted or reordered");
}

TEST_CASE("a missing audit row is found and named", "[store][audit]") {
  WithLog test;
  test.without_triggers("DELETE FROM audit_log WHERE seq = 4");
  CHECK(test.verify() == "corrupt: audit row 4 is missing");
}

TEST_CASE("missing audit rows are found and named", "[store][audit]") {
  WithLog test;
  test.without_triggers("DELETE FROM audit_log WHERE seq BETWEEN 4 AND 6");
  CHECK(test.verify() == "corrupt: audit rows 4 to 6 are missing");
}

TEST_CASE("a missing head of the audit log is found", "[store][audit]") {
  WithLog test;
  test.without_triggers("DELETE FROM audit_log WHERE seq <= 3");
  CHECK(test.verify() == "corrupt: audit rows 1 to 3 are missing at the head of the log");
}

TEST_CASE("a head that is missing and renumbered is found", "[store][audit]") {
  WithLog test;
  test.without_triggers(
      "DELETE FROM audit_log WHERE seq <= 3; UPDATE audit_log SET seq = seq - 1000; "
      "UPDATE audit_log SET seq = seq + 997;");
  CHECK(test.verify() == "corrupt: audit row 1 was changed");
}

TEST_CASE("a missing middle that was closed by renumbering is found", "[store][audit]") {
  WithLog test;
  test.without_triggers(
      "DELETE FROM audit_log WHERE seq = 4; UPDATE audit_log SET seq = seq - 1000 WHERE seq > 4; "
      "UPDATE audit_log SET seq = seq + 999 WHERE seq < 0;");
  CHECK(test.verify() == "corrupt: audit row 4 was changed");
}

TEST_CASE("a missing tail is found against a checkpoint in the store", "[store][audit]") {
  WithLog test;
  test.sign();
  test.without_triggers("DELETE FROM audit_log WHERE seq > 7");
  CHECK(test.verify() ==
        "corrupt: the tail of the log is missing: a checkpoint signed row 10, and the log ends "
        "at row 7");
}

TEST_CASE("a missing tail is found against an exported checkpoint", "[store][audit]") {
  WithLog test;
  const Checkpoint exported = test.sign();
  test.without_triggers("DELETE FROM audit_log WHERE seq > 7; DELETE FROM audit_checkpoints;");
  CHECK(test.verify() == "ok");  // what the store alone cannot know
  CHECK(test.verify(exported) ==
        "corrupt: the tail of the log is missing: a checkpoint signed row 10, and the log ends "
        "at row 7");
}

TEST_CASE("a log that was emptied is found against an exported checkpoint", "[store][audit]") {
  WithLog test;
  const Checkpoint exported = test.sign();
  test.without_triggers("DELETE FROM audit_log; DELETE FROM audit_checkpoints;");
  CHECK(test.verify(exported) ==
        "corrupt: the tail of the log is missing: a checkpoint signed row 10, and the log ends "
        "at row 0");
}

TEST_CASE("an inserted audit row is found, with every number moved up", "[store][audit]") {
  WithLog test;
  AuditRow extra = test.rows()[3];
  test.without_triggers(
      "UPDATE audit_log SET seq = -seq WHERE seq > 4; UPDATE audit_log SET seq = 1 - seq WHERE "
      "seq < 0;");
  extra.seq = 5;
  extra.previous_hash = extra.hash;
  extra.hash = hash_of(extra);
  test.put(extra);
  CHECK(test.verify() == "corrupt: audit row 6 was changed");
}

TEST_CASE("a row inserted before the first is found", "[store][audit]") {
  WithLog test;
  AuditRow extra = test.rows()[0];
  extra.seq = 0;
  extra.hash = hash_of(extra);
  test.put(extra);
  CHECK(test.verify() == "corrupt: audit row 0 is out of order or inserted");
}

TEST_CASE("swapped audit rows are found", "[store][audit]") {
  WithLog test;
  test.without_triggers(
      "UPDATE audit_log SET seq = -4 WHERE seq = 4; UPDATE audit_log SET seq = 4 WHERE seq = 5; "
      "UPDATE audit_log SET seq = 5 WHERE seq = -4;");
  CHECK(test.verify() == "corrupt: audit row 4 was changed");
}

TEST_CASE("a log that was written anew, every hash right, is found by its checkpoint",
          "[store][audit]") {
  WithLog test;
  test.sign();
  auto rows = test.rows();
  rows[3].outcome = "granted";
  test.write_anew(rows);
  CHECK(test.verify() ==
        "corrupt: audit row 10 is not the one its checkpoint signed: the log was written anew");
}

TEST_CASE("a log that was written anew is found against an exported checkpoint", "[store][audit]") {
  WithLog test;
  const Checkpoint exported = test.sign();
  auto rows = test.rows();
  rows.erase(rows.begin() + 3);
  rows.push_back(rows.back());
  test.write_anew(rows);
  test.sql("DELETE FROM audit_checkpoints");
  CHECK(test.verify() == "ok");  // what the store alone cannot know
  CHECK(test.verify(exported) ==
        "corrupt: audit row 10 is not the one its checkpoint signed: the log was written anew");
}

TEST_CASE("signing again does not bless a log that was written anew", "[store][audit]") {
  WithLog test;
  test.sign();
  auto rows = test.rows();
  rows[3].outcome = "granted";
  test.write_anew(rows);
  CHECK_THAT(outcome_of(test->audit_log().sign_checkpoint(test.key, test.clock.now())),
             has("corrupt: "));
  CHECK_THAT(test.verify(), has("the log was written anew"));
}

TEST_CASE("a log cannot be carried to another store", "[store][audit]") {
  WithLog test;
  TestStore other;
  for (const AuditRow& row : test.rows()) {
    must(other->database().run(
        "INSERT INTO audit_log (seq, at, event, outcome, actor, subject, source, detail, "
        "previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row.seq, row.at, row.event, row.outcome, row.actor, row.subject, row.source, row.detail,
        ByteView(row.previous_hash), ByteView(row.hash)));
  }
  CHECK_THAT(outcome_of(other->audit_log().verify(test.key.verifying_key(), {})),
             has("corrupt: audit row 1 does not follow the row before it"));
}

TEST_CASE("a checkpoint whose number, time, hash or signature was changed does not verify",
          "[store][audit]") {
  for (const char* change : {"seq = 9", "at = at + 1", "hash = zeroblob(32)",
                             "signature = zeroblob(64)", "signature = x'00'"}) {
    WithLog test;
    test.sign();
    test.sql("UPDATE audit_checkpoints SET " + std::string(change));
    INFO(change);
    CHECK_THAT(test.verify(), has("has a signature that does not verify"));
  }
}

TEST_CASE("a checkpoint made with another key does not verify", "[store][audit]") {
  WithLog test;
  const SigningKey other = must(SigningKey::parse(must(SigningKey::new_pem())));
  must(test->audit_log().sign_checkpoint(other, test.clock.now()));
  CHECK(test.verify() ==
        "corrupt: the checkpoint at audit row 10 has a signature that does not verify");
}

TEST_CASE("an exported checkpoint of another store is refused as such", "[store][audit]") {
  WithLog test;
  WithLog other;
  CHECK(test.verify(other.sign()) == "invalid: the exported checkpoint belongs to another store");
}

TEST_CASE("an audit row of a transaction that goes without commit is not in the log",
          "[store][audit]") {
  WithLog test;
  {
    const Transaction transaction = must(test->begin());
    test.append(1);
  }
  CHECK(test.rows().size() == 10);
  test.append(1);
  CHECK(test.verify() == "ok");
}

TEST_CASE("an empty log verifies, and there is nothing to sign", "[store][audit]") {
  WithLog test(0);
  CHECK(test.verify() == "ok");
  CHECK_FALSE(must(test->audit_log().sign_checkpoint(test.key, test.clock.now())));
}

TEST_CASE("a log that nobody touched verifies with all its checkpoints", "[store][audit]") {
  WithLog test(1);
  test.sign();
  test.append(1500);  // over more than one page of rows
  const Checkpoint exported = test.sign();
  test.append(3);
  test.sign();
  test.sign();  // again at the same row
  const auto verified = must(test->audit_log().verify(test.key.verifying_key(), exported));
  CHECK(verified.rows == 1504);
  CHECK(verified.checkpoints == 4);
  test.reopen();
  CHECK(test.verify(exported) == "ok");
}

TEST_CASE("rows after the newest checkpoint are told with the time of the first",
          "[store][audit]") {
  WithLog test(2);
  test.sign();
  const auto verified = [&] {
    return must(test->audit_log().verify(test.key.verifying_key(), std::nullopt));
  };
  CHECK(verified().unsigned_rows == 0);
  CHECK_FALSE(verified().unsigned_since);
  test.clock.advance(std::chrono::hours(1));
  const Instant first = test.clock.now();
  test.append(3);
  CHECK(verified().unsigned_rows == 3);
  CHECK(verified().unsigned_since >= first);
  test.sql("DELETE FROM audit_checkpoints");
  CHECK(verified().unsigned_rows == 5);
}

TEST_CASE("a reader without the key verifies the log", "[store][audit]") {
  WithLog test;
  const Checkpoint exported = test.sign();
  Store reader = must(Store::open_read_only(test.path));
  CHECK(outcome_of(reader.audit_log().verify(test.key.verifying_key(), exported)) == "ok");
}

TEST_CASE("audit rows keep any text as it was", "[store][audit]") {
  WithLog test(0);
  const std::string any("a\0'\xff関\n", 8);
  must(test->audit_log().append({any, "done", any, any, any, "{}"}, test.clock.now()));
  CHECK(test.rows().front().subject == any);
  CHECK(test.verify() == "ok");
}

TEST_CASE("the newest rows come oldest first, and can be asked for by number, event and subject",
          "[store][audit]") {
  WithLog test;
  const auto seqs = [](const std::vector<AuditRow>& rows) {
    std::string text;
    for (const AuditRow& row : rows) text += std::to_string(row.seq) + " ";
    return text;
  };
  CHECK(seqs(must(test->audit_log().newest(3))) == "8 9 10 ");
  CHECK(seqs(must(test->audit_log().newest(3, {9, {}, {}}))) == "10 ");
  CHECK(seqs(must(test->audit_log().newest(3, {0, "event2", {}}))) == "2 ");
  CHECK(seqs(must(test->audit_log().newest(3, {0, {}, "user:taro"}))) == "");
  CHECK(must(test->audit_log().last_seq()) == 10);
}

TEST_CASE("a visitor of the log that fails is not visited again", "[store][audit]") {
  WithLog test;
  int visits = 0;
  const auto walked = test->audit_log().each(2, [&](const AuditRow& row) -> Result<void> {
    ++visits;
    if (row.seq == 4) return fail(ErrorCode::kFull, "enough");
    return {};
  });
  CHECK(outcome_of(walked) == "full: enough");
  CHECK(visits == 2);
}

// The format is a promise to auditors: a change of it must be a decision.
TEST_CASE("the hashes of a known log are the ones of the documented format", "[store][audit]") {
  const Bytes store_id = *bytes_from_hex("000102030405060708090a0b0c0d0e0f");
  CHECK(audit_genesis(store_id) == sha256("sekisho audit v1" + std::string(as_text(store_id))));
  AuditRow row;
  row.seq = 1;
  row.at = instant_of(0x0102030405);
  row.event = "e";
  row.outcome = "done";
  row.actor = "";
  row.subject = "関";
  row.source = "x";
  row.detail = "{}";
  row.previous_hash = audit_genesis(store_id);
  const std::string drawn =
      std::string(as_text(row.previous_hash)) + std::string("\0\0\0\0\0\0\0\1", 8) +
      std::string("\0\0\0\1\2\3\4\5", 8) + std::string("\0\0\0\1e", 5) +
      std::string("\0\0\0\4done", 8) + std::string("\0\0\0\0", 4) + std::string("\0\0\0\3関", 7) +
      std::string("\0\0\0\1x", 5) + std::string("\0\0\0\2{}", 6);
  CHECK(hash_of(row) == sha256(drawn));
}

TEST_CASE("processes that append at once make one chain", "[store][audit]") {
  WithLog test;
  test.close();
  const auto codes = run_forked(6, [&](int index, const std::function<void()>& wait_for_start) {
    Store store = test.another();
    wait_for_start();
    for (int i = 0; i < 10; ++i) {
      Transaction transaction = must(store.begin());
      must(store.audit_log().append({"race", "done", std::to_string(index), "", ""},
                                    test.clock.now()));
      must(transaction.commit());
    }
    return 0;
  });
  CHECK(codes == std::vector<int>(6, 0));
  test.open();
  CHECK(test.rows().size() == 70);
  CHECK(test.verify() == "ok");
}

TEST_CASE("the chain verifies after its writer was killed in the middle of a transaction",
          "[store][audit]") {
  WithLog test;
  test.close();
  run_and_kill([&] {
    Store store = test.another();
    must(store.audit_log().append({"committed", "done", "", "", ""}, test.clock.now()));
    const Transaction transaction = must(store.begin());
    must(store.audit_log().append({"lost", "done", "", "", ""}, test.clock.now()));
    kill(getpid(), SIGKILL);
  });
  test.open();
  CHECK(test.rows().back().event == "committed");
  test.append(1);
  CHECK(test.verify() == "ok");
}

}  // namespace
}  // namespace sekisho::store
