#include "authn/ceremony_ticket.h"

#include "authn/login_ticket.h"
#include "base/encoding.h"
#include "tests/support/test_store.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::must;
using testing::new_keyring;

struct Desk {
  SystemRandom random;
  Keyring keyring = new_keyring();
  CeremonyTicket wanted{KeyCeremony::kRegistration,
                        sha256("a session token"),
                        {4711},
                        instant_of(1'800'000'000'123),
                        {}};
  IssuedCeremony issue() { return issue_ceremony(keyring, random, wanted); }
};

TEST_CASE("a ceremony's ticket with any byte changed, cut or added is none", "[authn]") {
  Desk desk;
  const Bytes good = bytes_from_base64url(desk.issue().text).value();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const std::uint8_t bit : Bytes{0x01, 0x80}) {
      Bytes changed = good;
      changed[i] ^= bit;
      CHECK_FALSE(read_ceremony(desk.keyring, base64url_of(changed)));
    }
    CHECK_FALSE(read_ceremony(desk.keyring, base64url_of(ByteView(good).first(i))));
    CHECK_FALSE(read_ceremony(desk.keyring, base64url_of(ByteView(good).subspan(i + 1))));
  }
  Bytes longer = good;
  longer.push_back(0);
  CHECK_FALSE(read_ceremony(desk.keyring, base64url_of(longer)));
  longer.insert(longer.begin(), 0);
  CHECK_FALSE(read_ceremony(desk.keyring, base64url_of(longer)));
  CHECK(read_ceremony(desk.keyring, base64url_of(good)));
}

TEST_CASE("what is no base64url, or far too long, is no ceremony's ticket", "[authn]") {
  Desk desk;
  const std::string good = desk.issue().text;
  for (const std::string& text : {std::string(), std::string(1 << 20, 'A'), good + "=", good + " ",
                                  " " + good, good + std::string(1, '\0'), std::string("\xff")}) {
    CHECK_FALSE(read_ceremony(desk.keyring, text));
  }
}

TEST_CASE("a ceremony's ticket made under another key is none", "[authn]") {
  Desk desk;
  const Desk other;
  CHECK_FALSE(read_ceremony(other.keyring, desk.issue().text));
}

TEST_CASE("a terminal's login ticket is no ceremony's, nor the other way round", "[authn]") {
  Desk desk;
  LoginTicket ticket{{1}, desk.wanted.expires_at, {}, {"hanako", "login", "tty1", ""}};
  CHECK_FALSE(read_ceremony(desk.keyring, must(issue_ticket(desk.keyring, desk.random, ticket))));
  CHECK_FALSE(read_ticket(desk.keyring, desk.issue().text));
}

TEST_CASE("a ceremony's ticket tells what it was made for", "[authn]") {
  Desk desk;
  for (const KeyCeremony ceremony :
       {KeyCeremony::kRegistration, KeyCeremony::kSecondFactor, KeyCeremony::kSignIn}) {
    for (const std::int64_t user : {std::int64_t{0}, std::int64_t{1}, INT64_MAX}) {
      desk.wanted.ceremony = ceremony;
      desk.wanted.user = {user};
      const IssuedCeremony issued = desk.issue();
      const auto read = read_ceremony(desk.keyring, issued.text);
      REQUIRE(read);
      CHECK(read->ceremony == ceremony);
      CHECK(read->user.value == user);
      CHECK(read->binding == desk.wanted.binding);
      CHECK(read->expires_at == desk.wanted.expires_at);
      CHECK(read->challenge == issued.challenge);
    }
  }
}

TEST_CASE("a challenge is 32 random bytes, whatever was asked for", "[authn]") {
  Desk desk;
  desk.wanted.challenge = Bytes(32, 7);
  const IssuedCeremony one = desk.issue();
  const IssuedCeremony other = desk.issue();
  CHECK(one.challenge.size() == 32);
  CHECK(one.challenge != desk.wanted.challenge);
  CHECK(one.challenge != other.challenge);
  CHECK(one.text != other.text);
}

}  // namespace
}  // namespace sekisho::authn
