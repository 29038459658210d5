// What one event loop hands out: the same token while it says what is so, and never one that does
// not.

#include "authn/identity_issuer.h"

#include "authn/identity_keys.h"
#include "authn/session.h"
#include "tests/support/read_token.h"
#include "tests/support/test_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::kPassword;
using testing::member;
using testing::must;
using testing::outcome_of;
using testing::read_token;
using testing::ReadToken;
using testing::TestTown;

// The town is the other process, which changes people and keys.
struct WithIssuer : TestTown {
  WithIssuer() { rotate(Succession::kAtOnce); }

  std::string rotate(Succession succession) {
    return must(rotate_identity_keys(
                    {**this, keyring, random, {"admin:root", "console"}, clock.now()}, succession))
        .kid;
  }
  OpenedSession open_one() {
    clock.advance(30s);
    const LoginResult granted = log_in(claim(), presented(kPassword, code()));
    return must(open_session(**this, random, policy, granted, "10.1.2.3", {}, clock.now()));
  }
  LiveSession* seen() {
    must(view.refresh(clock.now()));
    LiveSession* const found =
        view.session(token_hash(session.token.reveal_text()).value(), clock.now());
    REQUIRE(found != nullptr);
    return found;
  }
  IdentityAsked asked() { return {"https://portal", audience, *seen(), life, synced}; }
  Result<std::string_view> ask() { return issuer.token(view, asked(), clock.now()); }
  std::string token() { return std::string(must(ask())); }
  ReadToken read() { return read_token(token()); }

  std::string audience = "tax.town.example";
  std::chrono::milliseconds life = 60s;
  bool synced = false;
  OpenedSession session = open_one();
  LiveView view = must(LiveView::open(path, clock.now()));
  IdentityIssuer issuer{keyring};
};

TEST_CASE("a token is used again until half of its life is over", "[authn]") {
  WithIssuer test;
  const std::string first = test.token();
  test.clock.advance(30s - 1ms);
  CHECK(test.token() == first);
  test.clock.advance(1ms);
  const std::string second = test.token();
  CHECK(second != first);
  CHECK(test.token() == second);
  CHECK(test.issuer.kept() == 1);
}

TEST_CASE("a token of the future is not used when the clock was set back", "[authn]") {
  WithIssuer test;
  const std::string first = test.token();
  test.clock.advance(-1s);
  CHECK(test.token() != first);
}

TEST_CASE("a token says what the session proved, and nothing of the session itself", "[authn]") {
  WithIssuer test;
  const ReadToken token = test.read();
  CHECK(member(token.claims, "iss") == "https://portal");
  CHECK(member(token.claims, "aud") == "tax.town.example");
  CHECK(member(token.claims, "sub") == "hanako");
  CHECK(member(token.claims, "groups") == R"(["tax"])");
  CHECK(member(token.claims, "acr") == "any-second-factor");
  CHECK(member(token.claims, "amr") == R"(["pwd","otp","mfa"])");
  CHECK(member(token.claims, "auth_time") ==
        std::to_string(to_milliseconds(test.seen()->created_at) / 1000));
  CHECK(member(token.claims, "sid").empty());
  CHECK(member(token.claims, "jti").empty());
}

TEST_CASE("each application has a token of its own", "[authn]") {
  WithIssuer test;
  const std::string tax = test.token();
  test.audience = "roads.town.example";
  CHECK(member(test.read().claims, "aud") == "roads.town.example");
  test.audience = "tax.town.example";
  CHECK(test.token() == tax);
  CHECK(test.issuer.kept() == 2);
}

TEST_CASE("what another process changes of a person is in the very next token", "[authn]") {
  WithIssuer test;
  test.token();
  must(test.administration().add_to_group("hanako", "audit"));
  CHECK(member(test.read().claims, "groups") == R"(["audit","tax"])");
  must(test.administration().remove_from_group("hanako", "tax"));
  CHECK(member(test.read().claims, "groups") == R"(["audit"])");
  must(test.administration().set_display_name("hanako", "関所 華子"));
  CHECK(member(test.read().claims, "name") == "関所 華子");
}

TEST_CASE("what else a token says is never stale either", "[authn]") {
  WithIssuer test;
  const std::string first = test.token();
  LiveSession& session = *test.seen();
  SECTION("the assurance") {
    session.assurance = Assurance::kVerifiedKey;
  }
  SECTION("the factors") {
    session.factors = "security_key+uv";
  }
  SECTION("when they were proven") {
    session.created_at += 1s;
  }
  SECTION("how long it is good") {
    test.life = 50s;
  }
  SECTION("whether keys may be synced") {
    test.synced = true;
  }
  CHECK(test.token() != first);
}

TEST_CASE("keys that another process made or ended count at the very next request", "[authn]") {
  WithIssuer test;
  const std::string before = member(test.read().header, "kid");
  const std::string next = test.rotate(Succession::kInTurn);
  CHECK(member(test.read().header, "kid") == before);
  CHECK_THAT(must(test.issuer.key_set(test.view, test.clock.now())), has(next) && has(before));

  const std::string last = test.rotate(Succession::kAtOnce);
  CHECK(member(test.read().header, "kid") == last);
  const std::string set = must(test.issuer.key_set(test.view, test.clock.now()));
  CHECK_THAT(set, has(last) && !has(before) && !has(next));
}

TEST_CASE("the next key takes over by the clock alone", "[authn]") {
  WithIssuer test;
  test.policy.session.idle = 12h;
  test.session = test.open_one();
  const std::string next = test.rotate(Succession::kInTurn);
  test.life = 5min;
  test.clock.advance(1h - 1ms);
  const std::string before = test.token();
  CHECK(member(read_token(before).header, "kid") != next);
  test.clock.advance(1ms);
  CHECK(member(test.read().header, "kid") == next);
}

TEST_CASE("the key set has what a token is verified with", "[authn]") {
  WithIssuer test;
  const std::string set = must(test.issuer.key_set(test.view, test.clock.now()));
  Bytes key = bytes_from_base64url(member(set, "x")).value();
  const Bytes y = bytes_from_base64url(member(set, "y")).value();
  key.insert(key.end(), y.begin(), y.end());
  const ReadToken token = test.read();
  CHECK(member(set, "kid") == member(token.header, "kid"));
  CHECK(token.is_signed_by(key));
}

TEST_CASE("without a key there is no token, and an empty key set", "[authn]") {
  WithIssuer test;
  test.sql("DELETE FROM identity_keys");
  CHECK(outcome_of(test.ask()) == "unavailable: no identity key may sign now");
  CHECK(must(test.issuer.key_set(test.view, test.clock.now())) == R"({"keys":[]})");
}

TEST_CASE("a key that was changed in the store signs nothing, until another takes its place",
          "[authn]") {
  WithIssuer test;
  test.token();
  SECTION("the sealed key") {
    test.sql("UPDATE identity_keys SET sealed_key = zeroblob(length(sealed_key))");
    CHECK_THAT(outcome_of(test.ask()), has("corrupt: the identity key "));
  }
  SECTION("its name") {
    test.sql("UPDATE identity_keys SET kid = '" + std::string(43, 'a') + "'");
    CHECK_THAT(outcome_of(test.ask()), has("corrupt: the identity key aaa"));
  }
  SECTION("another key under its name") {
    const std::string kid(43, 'b');
    const store::IdentityKey row{{}, kid, test.clock.now(), test.clock.now(), {}};
    must(test->identity_keys().add(row, must(must(Es256Key::make()).der()), test.keyring,
                                   test.random));
    CHECK_THAT(outcome_of(test.ask()), has("another key is sealed in its row"));
  }
  CHECK_FALSE(test.issuer.key_set(test.view, test.clock.now()));
  CHECK_FALSE(test.ask());  // and not only the first time
  test.rotate(Succession::kAtOnce);
  CHECK(test.ask());
}

TEST_CASE("a gateway with another key file hands out nothing", "[authn]") {
  WithIssuer test;
  const Keyring other = testing::new_keyring("k1");
  IdentityIssuer stranger(other);
  CHECK_THAT(outcome_of(stranger.token(test.view, test.asked(), test.clock.now())),
             has("corrupt: the identity key "));
}

TEST_CASE("tokens are kept in bounded room, and those in use stay", "[authn]") {
  TokenCache cache(3);
  const auto text = [](int i) {
    KeptToken token;
    token.text = std::to_string(i);
    return token;
  };
  for (int i = 0; i < 100; ++i) {
    cache.keep(static_cast<std::uint64_t>(i), text(i));
    REQUIRE(cache.size() <= 6);
    REQUIRE(cache.find(static_cast<std::uint64_t>(i))->text == std::to_string(i));
  }
  CHECK(cache.find(97) != nullptr);
  CHECK(cache.find(1) == nullptr);
  cache.keep(99, text(7));
  CHECK(cache.find(99)->text == "7");
  cache.clear();
  CHECK(cache.size() == 0);
  CHECK(cache.find(99) == nullptr);
}

}  // namespace
}  // namespace sekisho::authn
