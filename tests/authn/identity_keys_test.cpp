// The timetable of the keys, by a clock that the test moves.

#include "authn/identity_keys.h"

#include "tests/support/test_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::must;
using testing::outcome_of;
using testing::TestTown;

constexpr int kRotateDays = 30;

struct WithKeys : TestTown {
  IdentityKeeper keeper() { return {**this, keyring, random, {"gateway", "gateway"}, clock.now()}; }
  void keep() { must(keep_identity_keys(keeper(), kRotateDays)); }
  store::IdentityKey rotate(Succession succession) {
    return must(rotate_identity_keys(keeper(), succession));
  }
  std::vector<store::IdentityKey> keys() { return must((*this)->identity_keys().list()); }
  std::string signing() {
    const auto all = keys();
    const store::IdentityKey* const key = signing_key(all, clock.now());
    return key == nullptr ? "" : key->kid;
  }
  std::vector<std::string> published() {
    std::vector<std::string> kids;
    for (const auto& key : keys()) {
      if (is_published(key, clock.now())) kids.push_back(key.kid);
    }
    return kids;
  }
  std::size_t audited(std::string_view event) {
    const auto rows = audit();
    return static_cast<std::size_t>(
        std::ranges::count(rows, event, [](const auto& row) { return row.event; }));
  }
};

TEST_CASE("before a key was made none signs", "[authn]") {
  WithKeys test;
  CHECK(test.signing().empty());
}

TEST_CASE("the first key signs at once, and asking again makes no other", "[authn]") {
  WithKeys test;
  test.keep();
  const std::string first = test.signing();
  CHECK(first.size() == 43);
  CHECK_THAT(test.last_audit(), has("identity_key_add done gateway identity_key:" + first +
                                    " gateway {\"signs_from\""));
  test.clock.advance(24h * kRotateDays - 1ms);
  test.keep();
  CHECK(test.signing() == first);
  CHECK(test.keys().size() == 1);
  CHECK(test.audited("identity_key_add") == 1);
}

TEST_CASE("the next key is published an hour before it signs, the old one ten minutes after it",
          "[authn]") {
  WithKeys test;
  test.keep();
  const std::string first = test.signing();
  test.clock.advance(24h * kRotateDays);
  test.keep();
  const auto both = test.published();
  REQUIRE(both.size() == 2);
  REQUIRE(both.front() == first);
  const std::string second = both.back();

  CHECK(test.signing() == first);
  test.clock.advance(1h - 1ms);
  test.keep();
  CHECK(test.signing() == first);
  test.clock.advance(1ms);
  CHECK(test.signing() == second);
  CHECK(test.published() == both);
  test.clock.advance(10min - 1ms);
  test.keep();
  CHECK(test.published() == both);
  test.clock.advance(1ms);
  // Its time is over whether or not somebody has tidied up.
  CHECK(test.published() == std::vector{second});
  CHECK(test.keys().size() == 2);
  test.keep();
  CHECK(test.keys().size() == 1);
  CHECK_THAT(test.last_audit(),
             has("identity_key_remove done gateway identity_key:" + first + " gateway"));
  CHECK(test.audited("identity_key_add") == 2);
}

TEST_CASE("after a long standstill the old key goes on until the new one has been published",
          "[authn]") {
  WithKeys test;
  test.keep();
  const std::string first = test.signing();
  test.clock.advance(24h * 365);
  test.keep();
  CHECK(test.signing() == first);
  test.clock.advance(1h);
  test.keep();
  CHECK(test.signing() != first);
}

TEST_CASE("several gateways on one store make one key", "[authn]") {
  WithKeys test;
  store::Store other = test.another();
  test.keep();
  must(keep_identity_keys(
      {other, test.keyring, test.random, {"gateway", "gateway"}, test.clock.now()}, kRotateDays));
  CHECK(test.keys().size() == 1);
}

TEST_CASE("when the clock was set back the earliest key signs", "[authn]") {
  WithKeys test;
  test.keep();
  const std::string first = test.signing();
  test.clock.advance(24h * kRotateDays);
  test.keep();
  test.clock.advance(-24h * 365);
  CHECK(test.signing() == first);
}

TEST_CASE("a rotation in turn publishes the new key, and a second one has to wait", "[authn]") {
  WithKeys test;
  test.keep();
  const std::string first = test.signing();
  const store::IdentityKey next = test.rotate(Succession::kInTurn);
  CHECK(next.signs_from == test.clock.now() + 1h);
  CHECK(test.signing() == first);
  CHECK(test.published() == std::vector{first, next.kid});
  CHECK(outcome_of(rotate_identity_keys(test.keeper(), Succession::kInTurn)) ==
        "conflict: the identity key " + next.kid + " waits for its turn already, until " +
            rfc3339(next.signs_from));
  test.clock.advance(1h);
  CHECK(test.signing() == next.kid);
  CHECK(test.rotate(Succession::kInTurn).kid != next.kid);
}

TEST_CASE("a rotation at once ends every other key, waiting ones too, with an audit row each",
          "[authn]") {
  WithKeys test;
  test.keep();
  test.rotate(Succession::kInTurn);
  const store::IdentityKey now = test.rotate(Succession::kAtOnce);
  CHECK(test.signing() == now.kid);
  CHECK(test.keys().size() == 1);
  CHECK(test.audited("identity_key_add") == 3);
  CHECK(test.audited("identity_key_remove") == 2);
}

TEST_CASE("the first key may also be made by hand", "[authn]") {
  WithKeys test;
  const store::IdentityKey key = test.rotate(Succession::kInTurn);
  CHECK(test.signing() == key.kid);
}

TEST_CASE("a key that cannot be written down is not made", "[authn]") {
  WithKeys test;
  test.block_audit();
  {
    const auto transaction = must(test->begin());
    CHECK_FALSE(keep_identity_keys(test.keeper(), kRotateDays));
    CHECK_FALSE(rotate_identity_keys(test.keeper(), Succession::kAtOnce));
  }
  CHECK(test.keys().empty());
}

}  // namespace
}  // namespace sekisho::authn
