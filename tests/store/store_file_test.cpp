// Opening and making the file: what is refused and how it is said.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "store/schema.h"
#include "store/store.h"
#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using testing::has;
using testing::must;
using testing::new_keyring;
using testing::outcome_of;
using testing::TestStore;
using namespace std::chrono_literals;

std::string content_of(const std::string& path) {
  return must(read_file(path, 64 << 20));
}

void overwrite(const std::string& path, std::streamoff at, const std::string& bytes) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(at);
  file << bytes;
}

// A store with some rows, closed, everything in its main file.
struct ClosedStore : TestStore {
  ClosedStore() {
    for (int i = 0; i < 200; ++i) add_user("user" + std::to_string(i));
    close();
    REQUIRE_FALSE(std::filesystem::exists(path + "-wal"));
  }
  Result<Store> open_it() { return Store::open(path, keyring, random); }
};

TEST_CASE("a store that is not there is not found, and is not made by opening", "[store]") {
  const testing::TemporaryFolder folder;
  SystemRandom random;
  const Keyring keyring = new_keyring();
  const std::string path = folder.file("none.db");
  CHECK_THAT(outcome_of(Store::open(path, keyring, random)),
             has("not_found: cannot open the store"));
  CHECK_THAT(outcome_of(Store::open_read_only(path)), has("not_found: cannot open the store"));
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a store is not made where something is already", "[store]") {
  ClosedStore test;
  const std::string before = content_of(test.path);
  CHECK(outcome_of(Store::create(test.path, test.keyring, test.random, test.clock.now())) ==
        "already_exists: " + test.path + " exists already");
  CHECK(content_of(test.path) == before);
}

TEST_CASE("a store is not made in a folder that is not there", "[store]") {
  const testing::TemporaryFolder folder;
  SystemRandom random;
  const Keyring keyring = new_keyring();
  CHECK_THAT(outcome_of(Store::create(folder.file("no/store.db"), keyring, random, Instant())),
             has("not_found: "));
}

TEST_CASE("a store is not opened through a symbolic link", "[store]") {
  ClosedStore test;
  const std::string link = test.folder.file("link.db");
  std::filesystem::create_symlink(test.path, link);
  CHECK_FALSE(Store::open(link, test.keyring, test.random));
  CHECK_FALSE(Store::open_read_only(link));
}

TEST_CASE("a text file is not a store, and stays as it was", "[store]") {
  ClosedStore test;
  const std::string path = test.folder.file("notes.txt");
  const std::string text(5000, 'x');
  must(create_file_durably(path, text, 0600));
  CHECK(outcome_of(Store::open(path, test.keyring, test.random)) ==
        "corrupt: " + path + " is not a Sekisho store");
  CHECK(outcome_of(Store::open_read_only(path)) == "corrupt: " + path + " is not a Sekisho store");
  CHECK(content_of(path) == text);
}

TEST_CASE("another program's database is not a store, and stays as it was", "[store]") {
  ClosedStore test;
  const std::string path = test.folder.file("other.db");
  {
    must(create_file_durably(path, "", 0600));
    Database other =
        must(Database::open(path, Database::Access::kReadWrite, std::chrono::milliseconds(100)));
    must(other.script("CREATE TABLE notes (text TEXT);"));
  }
  const std::string before = content_of(path);
  const std::string refusal =
      "corrupt: " + path + ": the file is a database, but not a Sekisho store";
  CHECK(outcome_of(Store::open(path, test.keyring, test.random)) == refusal);
  CHECK(outcome_of(Store::open_read_only(path)) == refusal);
  CHECK(content_of(path) == before);
}

TEST_CASE("an empty file is not a store, and stays empty", "[store]") {
  ClosedStore test;
  const std::string path = test.folder.file("empty.db");
  must(create_file_durably(path, "", 0600));
  CHECK_THAT(outcome_of(Store::open(path, test.keyring, test.random)), has("corrupt: "));
  CHECK_FALSE(Store::open_read_only(path));
  CHECK(content_of(path).empty());
}

TEST_CASE("a store of a newer program is refused and says which versions are known", "[store]") {
  TestStore test;
  test.sql("PRAGMA user_version = " + std::to_string(newest_schema_version() + 1));
  test.close();
  const std::string refusal = "unsupported: " + test.path + ": the store has version " +
                              std::to_string(newest_schema_version() + 1) +
                              " and this program knows versions up to " +
                              std::to_string(newest_schema_version()) + ": use the newer program";
  CHECK(outcome_of(Store::open(test.path, test.keyring, test.random)) == refusal);
  CHECK(outcome_of(Store::open_read_only(test.path)) == refusal);
}

TEST_CASE("a store of an older program is refused for reading only, with what to do", "[store]") {
  TestStore test;
  test.sql("PRAGMA user_version = 0");
  test.close();
  CHECK_THAT(outcome_of(Store::open_read_only(test.path)),
             has("unsupported: " + test.path + ": the store was made by an older program: start "));
}

constexpr const char* kWithoutVersion6 = "DROP TABLE seats; PRAGMA user_version = 5";
constexpr const char* kWithoutVersion5 = "DROP TABLE identity_keys; PRAGMA user_version = 4";
constexpr const char* kWithoutVersion4 =
    "ALTER TABLE sessions DROP COLUMN second_factor_at;"
    "ALTER TABLE sessions DROP COLUMN security_key_at;"
    "ALTER TABLE sessions DROP COLUMN verified_key_at; PRAGMA user_version = 3";
constexpr const char* kWithoutVersion3 =
    "DROP TABLE security_keys; DROP TABLE enrolment_codes; DROP INDEX "
    "users_by_handle;"
    "ALTER TABLE users DROP COLUMN handle; PRAGMA user_version = 2";

TEST_CASE("a store of the third version takes a session's factors for as old as the session",
          "[store]") {
  TestStore test;
  Session session;
  session.token_hash = sha256("token");
  session.user = test.add_user("hanako");
  session.assurance = 3;
  session.factors = "password security_key";
  session.idle_limit = 15min;
  session.created_at = session.last_seen_at = test.clock.now();
  session.expires_at = test.clock.now() + 12h;
  const SessionId id = must(test->sessions().add(session));
  test.sql(kWithoutVersion6);
  test.sql(kWithoutVersion5);
  test.sql(kWithoutVersion4);
  test.reopen();
  const Session kept = must(test->sessions().find(id)).value();
  CHECK(kept.second_factor_at == session.created_at);
  CHECK(kept.security_key_at == session.created_at);
  CHECK_FALSE(kept.verified_key_at);
}

TEST_CASE("a store of the second version keeps its sessions and what they opened", "[store]") {
  TestStore test;
  Session session;
  session.token_hash = sha256("token");
  session.user = test.add_user("hanako");
  session.assurance = 2;
  session.factors = "password totp";
  session.idle_limit = 15min;
  session.created_at = session.last_seen_at = test.clock.now();
  session.expires_at = test.clock.now() + 12h;
  const SessionId id = must(test->sessions().add(session));
  REQUIRE(must(test->sessions().note_application(id, "tax", test.clock.now())));
  test.sql(kWithoutVersion6);
  test.sql(kWithoutVersion5);
  test.sql(kWithoutVersion4);
  test.sql(kWithoutVersion3);
  test.reopen();
  CHECK(test.number("PRAGMA user_version") == newest_schema_version());
  const Session kept = must(test->sessions().find(sha256("token"))).value();
  CHECK(kept.id == id);
  CHECK(kept.factors == "password totp");
  CHECK(kept.idle_limit == 15min);
  CHECK(kept.expires_at == session.expires_at);
  CHECK_FALSE(must(test->sessions().note_application(id, "tax", test.clock.now())));
  // The journal of changes and the references go on.
  const auto before = must(test->changes().range()).newest;
  must(test->sessions().end(id, "signed out", test.clock.now()));
  CHECK(must(test->changes().range()).newest == before + 1);
  session.token_hash = sha256("next");
  CHECK(must(test->sessions().add(session)).value > id.value);
  must(test->users().remove(session.user));
  CHECK(test.number("SELECT count(*) FROM session_applications") == 0);
  must(test->check_integrity());
}

TEST_CASE("a store of the third version learns to keep identity keys", "[store]") {
  TestStore test;
  test.add_user("hanako");
  test.sql(kWithoutVersion6);
  test.sql(kWithoutVersion5);
  test.reopen();
  CHECK(test.number("PRAGMA user_version") == newest_schema_version());
  CHECK(must(test->identity_keys().list()).empty());
  CHECK(test.number("SELECT count(*) FROM users WHERE name = 'hanako'") == 1);
  must(test->check_integrity());
}

TEST_CASE("a store of the first version is brought up to date and keeps what it has", "[store]") {
  TestStore test;
  test.add_user("hanako");
  // What later migrations brought, taken away again.
  test.sql(kWithoutVersion6);
  test.sql(kWithoutVersion5);
  test.sql(kWithoutVersion4);
  test.sql(kWithoutVersion3);
  test.sql(
      "DROP TABLE session_applications; DROP TABLE spent_logins; DROP TABLE proven_sources;"
      "CREATE TABLE login_transactions (id_hash BLOB);"
      "ALTER TABLE attempts DROP COLUMN refusals; ALTER TABLE attempts DROP COLUMN told_at;"
      "ALTER TABLE totp_credentials DROP COLUMN behind;"
      "DROP INDEX users_by_folded_name; DROP INDEX sessions_by_idle_end;"
      "PRAGMA user_version = 1");
  test.reopen();
  CHECK(test.number("PRAGMA user_version") == newest_schema_version());
  CHECK(test.number("SELECT count(*) FROM session_applications") == 0);
  CHECK(test.number("SELECT count(*) FROM users WHERE name = 'hanako'") == 1);
}

TEST_CASE("a store that lost its identity row is refused", "[store]") {
  TestStore test;
  test.sql("DELETE FROM store_identity");
  test.close();
  const std::string refusal = "corrupt: " + test.path + ": the store has no identity row";
  CHECK(outcome_of(Store::open(test.path, test.keyring, test.random)) == refusal);
  CHECK(outcome_of(Store::open_read_only(test.path)) == refusal);
}

TEST_CASE("a store that was cut short is refused", "[store]") {
  ClosedStore test;
  const auto size = std::filesystem::file_size(test.path);
  std::filesystem::resize_file(test.path, size / 2 / 4096 * 4096);
  CHECK_THAT(outcome_of(test.open_it()), has("corrupt: "));
  std::filesystem::resize_file(test.path, 1000);
  CHECK_THAT(outcome_of(test.open_it()), has("corrupt: "));
}

TEST_CASE("a page of the store that was overwritten is found at opening", "[store]") {
  ClosedStore test;
  // The users' rows are where their names are.
  const std::string content = content_of(test.path);
  const auto at = content.find("user150");
  REQUIRE(at != std::string::npos);
  overwrite(test.path, static_cast<std::streamoff>(at / 4096 * 4096), std::string(4096, '\xa5'));
  CHECK_THAT(outcome_of(test.open_it()), has("corrupt: "));
}

TEST_CASE("an index that lacks a row is found by the integrity check", "[store]") {
  TestStore test;
  test.add_user("hanako");
  must(test->check_integrity());
  test.sql(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'UNIQUE CHECK "
      "(length(name) BETWEEN 1 AND 64),  -- login name', 'CHECK (1),') WHERE name = 'users'; "
      "DELETE FROM sqlite_schema WHERE name = 'sqlite_autoindex_users_1'; "
      "PRAGMA writable_schema = OFF;");
  test.reopen();
  CHECK_FALSE(must(test->users().list()).empty());
  CHECK_THAT(outcome_of(test->check_integrity()), has("corrupt: "));
}

TEST_CASE("a row that belongs to nothing is found by the integrity check", "[store]") {
  TestStore test;
  const UserId user = test.add_user();
  test.add_totp(user, "01234567890123456789");
  test.sql("PRAGMA foreign_keys = OFF; DELETE FROM users; PRAGMA foreign_keys = ON;");
  CHECK(outcome_of(test->check_integrity()) ==
        "corrupt: a row of totp_credentials belongs to nothing");
}

TEST_CASE("a store does not open with another key of the same name", "[store]") {
  TestStore test;
  test.close();
  const Keyring other = new_keyring("k1");
  CHECK_THAT(outcome_of(Store::open(test.path, other, test.random)),
             has("corrupt: the key file is not the one of the store " + test.path));
}

TEST_CASE("a store does not open when its key is missing, and says which one it needs", "[store]") {
  TestStore test;
  test.close();
  const Keyring other = new_keyring("k2");
  CHECK_THAT(outcome_of(Store::open(test.path, other, test.random)),
             has("it needs the key with the id k1"));
  CHECK_THAT(outcome_of(Store::open(test.path, other, test.random)), has("not_found: "));
}

TEST_CASE("nothing can be changed through a store opened for reading only", "[store]") {
  TestStore test;
  Store reader = must(Store::open_read_only(test.path));
  CHECK_THAT(outcome_of(reader.users().add("hanako", "", test.clock.now())), has("denied: "));
  CHECK_THAT(outcome_of(reader.audit_log().append({"e", "done", "a", "s", "x"}, test.clock.now())),
             has("denied: "));
}

TEST_CASE("no seed is read through a store opened without its key", "[store]") {
  TestStore test;
  const UserId user = test.add_user();
  const auto id = test.add_totp(user, "01234567890123456789");
  Store reader = must(Store::open_read_only(test.path));
  CHECK(outcome_of(reader.totp_credentials().secret(id)) ==
        "denied: the store was opened without its key");
  CHECK(must(reader.totp_credentials().list(user)).size() == 1);
}

TEST_CASE("a value of the wrong type is refused by STRICT tables", "[store]") {
  TestStore test;
  CHECK_THAT(outcome_of(test->database().run(
                 "INSERT INTO users (name, display_name, created_at) VALUES ('a', '', 'today')")),
             has("invalid: "));
  CHECK_THAT(outcome_of(test->database().run(
                 "INSERT INTO users (name, display_name, created_at) VALUES (x'00', '', 0)")),
             has("invalid: "));
  CHECK(test.number("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = "
                    "'table' AND name NOT LIKE 'sqlite_%' AND strict = 0") == 0);
}

TEST_CASE("a row of nobody's is refused by foreign keys", "[store]") {
  TestStore test;
  CHECK_THAT(outcome_of(test->users().set_password({4711}, {"h", "k1", test.clock.now()})),
             has("invalid: "));
  CHECK_THAT(outcome_of(test->users().add_to_group({4711}, "tax")), has("invalid: "));
  const Store another = test.another();
  CHECK(test.number("PRAGMA foreign_keys") == 1);
}

TEST_CASE("a change is on the disk before it is said: WAL and synchronous FULL", "[store]") {
  TestStore test;
  for (int opened = 0; opened < 2; ++opened) {
    CHECK(test.number("PRAGMA synchronous") == 2);
    CHECK(must(test->database().first("PRAGMA journal_mode",
                                      [](const Row& row) { return row.text(0); })) == "wal");
    test.reopen();
  }
}

TEST_CASE("deleted rows are overwritten in the file", "[store]") {
  TestStore test;
  CHECK(test.number("PRAGMA secure_delete") == 1);
  must(test->users().remove(test.add_user("unmistakable-name")));
  test.close();
  CHECK(content_of(test.path).find("unmistakable-name") == std::string::npos);
}

TEST_CASE("others cannot read the file of a new store", "[store]") {
  const auto before = umask(0);
  TestStore test;
  test.add_user();
  umask(before);
  for (const char* ending : {"", "-wal", "-shm"}) {
    struct stat status {};
    REQUIRE(stat((test.path + ending).c_str(), &status) == 0);
    INFO(ending);
    CHECK((status.st_mode & 07) == 0);
  }
}

TEST_CASE("a new store has its own identity and the newest schema", "[store]") {
  TestStore one;
  TestStore two;
  CHECK(one->store_id().size() == 16);
  CHECK(one->store_id() != two->store_id());
  CHECK(one.number("PRAGMA user_version") == newest_schema_version());
  CHECK(one.number("PRAGMA application_id") == kApplicationId);
  must(one->check_integrity());
}

TEST_CASE("what was written is there when the store is opened again", "[store]") {
  TestStore test;
  const Bytes id = test->store_id();
  const UserId user = test.add_user("hanako");
  test.reopen();
  CHECK(test->store_id() == id);
  CHECK(must(test->users().find("hanako"))->id == user);
}

TEST_CASE("a transaction that goes without commit leaves no trace", "[store]") {
  TestStore test;
  {
    Transaction transaction = must(test->begin());
    test.add_user("hanako");
  }
  CHECK_FALSE(must(test->users().find("hanako")));
}

TEST_CASE("an inner transaction that goes without commit takes only its own changes along",
          "[store]") {
  TestStore test;
  {
    Transaction outer = must(test->begin());
    test.add_user("before");
    {
      Transaction inner = must(test->begin());
      test.add_user("inner");
    }
    test.add_user("after");
    must(outer.commit());
  }
  CHECK(must(test->users().find("before")));
  CHECK_FALSE(must(test->users().find("inner")));
  CHECK(must(test->users().find("after")));
}

TEST_CASE("an inner commit is undone with the outer transaction", "[store]") {
  TestStore test;
  {
    Transaction outer = must(test->begin());
    Transaction inner = must(test->begin());
    test.add_user("hanako");
    must(inner.commit());
  }
  CHECK_FALSE(must(test->users().find("hanako")));
}

TEST_CASE("a store whose writer does not let go is busy, not broken", "[store]") {
  TestStore test;
  Store other = test.another(std::chrono::milliseconds(1));
  const Transaction held = must(test->begin());
  CHECK_THAT(outcome_of(other.begin()), has("busy: "));
  CHECK_THAT(outcome_of(other.users().add("taro", "", test.clock.now())), has("busy: "));
  CHECK(must(other.users().list()).empty());  // readers are not kept waiting
}

TEST_CASE("a statement the store cannot prepare is an error each time it is tried", "[store]") {
  TestStore test;
  test.sql("DROP TABLE attempts");
  for (int i = 0; i < 2; ++i) {
    CHECK_THAT(outcome_of(test->attempts().count({"a", "b", "c"})), has("no such table"));
  }
  CHECK(must(test->users().list()).empty());
}

TEST_CASE("a message about a statement holds none of its arguments", "[store]") {
  TestStore test;
  test.add_user("hanako");
  const auto refused = test->users().add("hanako", "unmistakable", test.clock.now());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("hanako") == std::string::npos);
  CHECK(refused.error().message.find("unmistakable") == std::string::npos);
}

}  // namespace
}  // namespace sekisho::store
