#include "store/identity_keys.h"

#include "base/file.h"
#include "tests/support/test_store.h"

namespace sekisho::store {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::must;
using testing::new_keyring;
using testing::outcome_of;
using testing::TestStore;

constexpr std::string_view kPrivate = "thirty-two bytes that are secret";

struct WithKeys : TestStore {
  std::string kid(char letter) { return std::string(43, letter); }
  IdentityKeyId add(char letter, std::chrono::milliseconds signs_in = 0ms,
                    std::string_view secret = kPrivate) {
    const IdentityKey key{{}, kid(letter), clock.now(), clock.now() + signs_in, {}};
    return must((*this)->identity_keys().add(key, Secret(secret), keyring, random));
  }
  std::string opened(IdentityKeyId id) {
    const auto key = (*this)->identity_keys().private_key(id, keyring);
    return key ? std::string(key->reveal_text()) : outcome_of(key);
  }
  std::string kids() {
    std::string text;
    for (const IdentityKey& key : must((*this)->identity_keys().list())) text += key.kid.front();
    return text;
  }
};

TEST_CASE("a private key comes back as it was, and stands in no file", "[store]") {
  WithKeys test;
  const IdentityKeyId id = test.add('a');
  CHECK(test.opened(id) == kPrivate);
  test.close();
  for (const char* ending : {"", "-wal"}) {
    const auto content = read_file(test.path + ending, 64 << 20);
    if (content) CHECK(content->find(kPrivate) == std::string::npos);
  }
  test.open();
  CHECK(test.opened(id) == kPrivate);
}

TEST_CASE("a private key does not open in another row, under another name or changed", "[store]") {
  WithKeys test;
  const IdentityKeyId a = test.add('a');
  const IdentityKeyId b = test.add('b', 0ms, "another private key");
  test.sql(
      "UPDATE identity_keys SET sealed_key = (SELECT sealed_key FROM identity_keys WHERE id = " +
      std::to_string(b.value) + ") WHERE id = " + std::to_string(a.value));
  CHECK_THAT(test.opened(a), has("corrupt: a sealed value does not open"));
  test.sql("UPDATE identity_keys SET kid = '" + test.kid('c') +
           "' WHERE id = " + std::to_string(b.value));
  CHECK_THAT(test.opened(b), has("corrupt: a sealed value does not open"));
}

TEST_CASE("a private key opens with its keyring only, also after a newer key was added",
          "[store]") {
  WithKeys test;
  const IdentityKeyId id = test.add('a');
  CHECK_THAT(outcome_of(test->identity_keys().private_key(id, new_keyring("k1"))), has("corrupt"));
  CHECK_THAT(outcome_of(test->identity_keys().private_key(id, new_keyring("k9"))),
             has("not_found"));
  test.rotate_keys("k2");
  CHECK(test.opened(id) == kPrivate);
}

TEST_CASE("two keys of one name cannot be", "[store]") {
  WithKeys test;
  test.add('a');
  const IdentityKey key{{}, test.kid('a'), test.clock.now(), test.clock.now(), {}};
  CHECK_THAT(
      outcome_of(test->identity_keys().add(key, Secret(kPrivate), test.keyring, test.random)),
      has("already_exists"));
}

TEST_CASE("keys are listed in the order they sign, whatever the order they were made in",
          "[store]") {
  WithKeys test;
  test.add('b', 2h);
  test.add('a', 1h);
  test.add('c', 2h);
  CHECK(test.kids() == "abc");
}

TEST_CASE("who retires earlier already goes on doing so, and the successor stays", "[store]") {
  WithKeys test;
  const Instant now = test.clock.now();
  const IdentityKeyId a = test.add('a');
  const IdentityKeyId b = test.add('b', 1h);
  must(test->identity_keys().retire_all_but(b, now + 1h));
  const IdentityKeyId c = test.add('c', 2h);
  must(test->identity_keys().retire_all_but(c, now + 3h));
  const auto keys = must(test->identity_keys().list());
  REQUIRE(keys.size() == 3);
  CHECK(keys[0].id == a);
  CHECK(keys[0].retires_at == now + 1h);
  CHECK(keys[1].retires_at == now + 3h);
  CHECK_FALSE(keys[2].retires_at);

  CHECK(must(test->identity_keys().forget_retired(now + 1h - 1ms)).empty());
  CHECK(must(test->identity_keys().forget_retired(now + 1h)).size() == 1);
  CHECK(test.kids() == "bc");
  CHECK(outcome_of(test->identity_keys().private_key(a, test.keyring)) ==
        "not_found: no such identity key");
}

}  // namespace
}  // namespace sekisho::store
