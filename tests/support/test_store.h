// A real store in a folder of the test's own, with its key, its clock and shorthands for what
// most tests need in it.
#ifndef SEKISHO_TESTS_SUPPORT_TEST_STORE_H_
#define SEKISHO_TESTS_SUPPORT_TEST_STORE_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/keyring.h"
#include "base/random.h"
#include "store/store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/outcome.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::testing {

inline Keyring new_keyring(std::string_view id = "k1") {
  SystemRandom random;
  return must(Keyring::parse(Keyring::new_file_text(random, id)));
}

class TestStore {
 public:
  TestStore()
      : key_text_(Keyring::new_file_text(random, "k1")),
        keyring(must(Keyring::parse(key_text_))),
        path(folder.file("store.db")) {
    store_.emplace(must(store::Store::create(path, keyring, random, clock.now())));
  }

  store::Store& operator*() { return *store_; }
  store::Store* operator->() { return &*store_; }

  // Another connection to the same file, as another thread or process has it.
  store::Store another(std::chrono::milliseconds busy_timeout = std::chrono::seconds(60)) {
    return must(store::Store::open(path, keyring, random, {busy_timeout, false}));
  }
  // Closes this connection.  Needed before fork: SQLite's locks do not cross it.
  void close() { store_.reset(); }
  void open() { store_.emplace(another()); }
  // As after a restart of the program.
  void reopen() {
    close();
    open();
  }

  // Adds a newer sealing key, as an administrator does, and restarts.
  void rotate_keys(std::string_view id) {
    const std::string text = std::string(key_text_.reveal_text()) + std::string(id) + " " +
                             base64url_of(random.bytes(Keyring::kKeyBytes)) + "\n";
    key_text_ = Secret(std::string_view(text));
    close();
    keyring = must(Keyring::parse(key_text_));
    open();
  }

  // A statement that the rooms would never make: a vandal's, or a look behind the scenes.
  void sql(const std::string& text) { must(store_->database().script(text)); }
  std::int64_t number(store::Sql sql) {
    return must(store_->database().first(sql, [](const store::Row& row) { return row.integer(0); }))
        .value_or(-1);
  }

  store::UserId add_user(std::string_view name = "hanako") {
    return must(store_->users().add(name, "関所 花子", clock.now()));
  }
  store::TotpCredentialId add_totp(store::UserId user, std::string_view seed) {
    return must(store_->totp_credentials().add({user, "phone", "SHA1", 6, 30, true}, Secret(seed),
                                               clock.now()));
  }
  // A terminal that has joined.
  store::TerminalId add_terminal(std::string_view name = "t1") {
    const Digest token = sha256(name);
    const auto id = must(
        store_->terminals().add(name, token, clock.now() + std::chrono::hours(1), clock.now()));
    REQUIRE(must(store_->terminals().join(token, clock.now())));
    return id;
  }

  TemporaryFolder folder;
  SystemRandom random;
  ManualClock clock;

 private:
  Secret key_text_;

 public:
  Keyring keyring;
  const std::string path;

 private:
  std::optional<store::Store> store_;
};

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_TEST_STORE_H_
