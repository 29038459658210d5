#include "authn/terminal_access.h"

#include "base/encoding.h"
#include "tests/support/test_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::must;
using testing::outcome_of;
using testing::TestTown;

struct WithTerminal : TestTown {
  store::TerminalId terminal = add_terminal("t1");
  Result<BegunLogin> begin(std::string_view user = "hanako") {
    return begin_terminal_login(keyring, random, policy, terminal,
                                {std::string(user), "login", "tty1", ""}, clock.now());
  }
  std::optional<LoginTicket> take(std::string_view ticket, store::TerminalId by) {
    return must(take_terminal_login(**this, keyring, ticket, by, clock.now()));
  }
};

TEST_CASE("a join token that is wrong, spent or expired is refused and written down", "[authn]") {
  TestTown test;
  const auto invitation = must(test.administration().invite_terminal("t1", false));
  const auto join = [&](std::string_view token) {
    return must(join_terminal(*test, test.policy.throttle, token, "10.1.2.3", test.clock.now()))
        .terminal.has_value();
  };
  for (const std::string& wrong : {std::string(), std::string("x"), std::string(26, 'A'),
                                   std::string(1 << 20, 'A'), std::string(26, '\0')}) {
    CHECK_FALSE(join(wrong));
    CHECK(test.last_audit() == "terminal_join denied unknown unknown 10.1.2.3 {}");
  }
  CHECK(join(invitation.token.reveal_text()));
  CHECK(test.last_audit() ==
        "terminal_join granted terminal:t1 terminal:t1 10.1.2.3 {\"generation\":1}");
  CHECK_FALSE(join(invitation.token.reveal_text()));
  const auto second = must(test.administration().invite_terminal("t2", false));
  test.clock.advance(1h);
  CHECK_FALSE(join(second.token.reveal_text()));
}

TEST_CASE("who tries many join tokens is slowed down, and the log does not grow with it",
          "[authn]") {
  TestTown test;
  const auto join = [&](std::string_view token, const std::string& source = "10.1.2.3") {
    return must(join_terminal(*test, test.policy.throttle, token, source, test.clock.now()));
  };
  for (int i = 0; i < test.policy.throttle.source_after; ++i) {
    CHECK(join("x").verdict.outcome == Outcome::kDenied);
  }
  const auto rows = test.audit().size();
  const auto invitation = must(test.administration().invite_terminal("t1", false));
  for (int i = 0; i < 10; ++i) {
    CHECK(join(invitation.token.reveal_text()).verdict.outcome == Outcome::kLocked);
  }
  CHECK(test.audit().size() == rows + 2);  // the invitation and one refusal
  CHECK(join(invitation.token.reveal_text(), "10.1.2.4").terminal);
}

TEST_CASE("a join token may be typed in groups and in lower case", "[authn]") {
  CHECK(join_token_hash("ABCD EFGH") == join_token_hash("abcdefgh"));
  CHECK(join_token_hash("ABCD-EFGH") == join_token_hash("ABCDEFGH"));
  CHECK(join_token_hash("ABCDEFGH") != join_token_hash("ABCDEFGI"));
}

TEST_CASE("a join token carries 128 random bits", "[authn]") {
  SystemRandom random;
  const Secret one = new_join_token(random);
  CHECK(bytes_from_base32(one.reveal_text())->size() == 16);
  CHECK(one.reveal_text() != new_join_token(random).reveal_text());
}

TEST_CASE("a login is taken once, by the terminal that began it, in time", "[authn]") {
  WithTerminal test;
  const auto other = test.add_terminal("t2");
  const BegunLogin begun = must(test.begin());
  CHECK_FALSE(test.take("", test.terminal));
  CHECK_FALSE(test.take(std::string(1 << 20, 'x'), test.terminal));
  CHECK_FALSE(test.take(begun.ticket, other));
  CHECK(test.take(begun.ticket, test.terminal)->login.claimed_user == "hanako");
  CHECK_FALSE(test.take(begun.ticket, test.terminal));
  const BegunLogin late = must(test.begin());
  test.clock.advance(60s);
  CHECK_FALSE(test.take(late.ticket, test.terminal));
}

TEST_CASE("the same factors are named for everybody, known or not", "[authn]") {
  WithTerminal test;
  must(test.administration().add_user("taro", "", {}));
  must(test.administration().set_enabled("taro", false));
  for (const std::string_view user : {"hanako", "taro", "nobody", "", "\xff"}) {
    CHECK(must(test.begin(user)).factors == std::vector<Factor>{Factor::kPassword,
                                                                Factor::kSecurityKey, Factor::kTotp,
                                                                Factor::kRecovery});
  }
}

TEST_CASE("a ticket tells what the terminal said, in any bytes", "[authn]") {
  WithTerminal test;
  const std::string any("h\0\xff'関", 7);
  const BegunLogin begun =
      must(begin_terminal_login(test.keyring, test.random, test.policy, test.terminal,
                                {any, "sudo", "pts/3", "10.1.2.3"}, test.clock.now()));
  const auto ticket = test.take(begun.ticket, test.terminal);
  REQUIRE(ticket);
  CHECK(ticket->login.claimed_user == any);
  CHECK(ticket->login.service == "sudo");
  CHECK(ticket->login.tty == "pts/3");
  CHECK(ticket->login.remote_host == "10.1.2.3");
  CHECK(ticket->challenge.size() == 32);
}

TEST_CASE("a ticket with any byte changed, cut or added is none", "[authn]") {
  WithTerminal test;
  const Bytes good = bytes_from_base64url(must(test.begin()).ticket).value();
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes changed = good;
    changed[i] ^= 1;
    CHECK_FALSE(test.take(base64url_of(changed), test.terminal));
    CHECK_FALSE(test.take(base64url_of(ByteView(good).first(i)), test.terminal));
  }
  Bytes longer = good;
  longer.push_back(0);
  CHECK_FALSE(test.take(base64url_of(longer), test.terminal));
  CHECK(test.take(base64url_of(good), test.terminal));
}

TEST_CASE("a ticket made under another key is none", "[authn]") {
  WithTerminal test;
  const Keyring other = testing::new_keyring();
  const auto begun = must(begin_terminal_login(other, test.random, test.policy, test.terminal,
                                               {"hanako", "login", "", ""}, test.clock.now()));
  CHECK_FALSE(test.take(begun.ticket, test.terminal));
}

TEST_CASE("two logins have two challenges, and beginning leaves nothing in the store", "[authn]") {
  WithTerminal test;
  const auto one = test.take(must(test.begin()).ticket, test.terminal);
  const auto other = test.take(must(test.begin()).ticket, test.terminal);
  must(test.begin("a password typed as name"));
  CHECK(one->challenge != other->challenge);
  CHECK(test.number("SELECT count(*) FROM spent_logins WHERE length(ticket_hash) = 32") == 2);
}

}  // namespace
}  // namespace sekisho::authn
