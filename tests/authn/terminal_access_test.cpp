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
    return begin_terminal_login(**this, random, policy.terminal, terminal,
                                {std::string(user), "login", "tty1", ""}, clock.now());
  }
  std::optional<store::LoginTransaction> take(std::string_view transaction, store::TerminalId by) {
    return must(take_terminal_login(**this, transaction, by, clock.now()));
  }
};

TEST_CASE("a join token that is wrong, spent or expired is refused and written down", "[authn]") {
  TestTown test;
  const auto invitation = must(test.administration().invite_terminal("t1", false));
  const auto join = [&](std::string_view token) {
    return must(join_terminal(*test, token, "10.1.2.3", test.clock.now())).has_value();
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

TEST_CASE("a terminal with too many logins waiting is refused until some have ended", "[authn]") {
  WithTerminal test;
  test.policy.terminal.transactions_most = 3;
  for (int i = 0; i < 3; ++i) must(test.begin());
  CHECK(outcome_of(test.begin()) == "busy: the terminal has too many logins waiting");
  test.clock.advance(60s);
  CHECK(outcome_of(test.begin()) == "ok");
}

TEST_CASE("one terminal's waiting logins do not hinder another's", "[authn]") {
  WithTerminal test;
  test.policy.terminal.transactions_most = 1;
  must(test.begin());
  const auto other = test.add_terminal("t2");
  CHECK(outcome_of(begin_terminal_login(*test, test.random, test.policy.terminal, other,
                                        {"hanako", "login", "", ""}, test.clock.now())) == "ok");
}

TEST_CASE("a login is taken once, by the terminal that began it, in time", "[authn]") {
  WithTerminal test;
  const auto other = test.add_terminal("t2");
  const BegunLogin begun = must(test.begin());
  CHECK_FALSE(test.take("", test.terminal));
  CHECK_FALSE(test.take(std::string(1 << 20, 'x'), test.terminal));
  CHECK_FALSE(test.take(begun.transaction, other));
  CHECK(test.take(begun.transaction, test.terminal)->claimed_user == "hanako");
  CHECK_FALSE(test.take(begun.transaction, test.terminal));
  const BegunLogin late = must(test.begin());
  test.clock.advance(60s);
  CHECK_FALSE(test.take(late.transaction, test.terminal));
}

TEST_CASE("the same factors are named for everybody, known or not", "[authn]") {
  WithTerminal test;
  must(test.administration().add_user("taro", "", {}));
  must(test.administration().set_enabled("taro", false));
  for (const std::string_view user : {"hanako", "taro", "nobody", "", "\xff"}) {
    CHECK(must(test.begin(user)).factors ==
          std::vector<Factor>{Factor::kPassword, Factor::kTotp, Factor::kRecovery});
  }
}

TEST_CASE("where the terminal proves the password, the gateway does not ask for it", "[authn]") {
  WithTerminal test;
  test.policy.terminal.gateway_verifies_password = false;
  CHECK(must(test.begin()).factors == std::vector<Factor>{Factor::kTotp, Factor::kRecovery});
}

TEST_CASE("a transaction's name is 256 random bits, and the store has only its hash", "[authn]") {
  WithTerminal test;
  const BegunLogin begun = must(test.begin());
  CHECK(bytes_from_base64url(begun.transaction)->size() == 32);
  CHECK(begun.transaction != must(test.begin()).transaction);
  CHECK(test.number("SELECT count(*) FROM login_transactions WHERE length(id_hash) = 32") == 2);
}

}  // namespace
}  // namespace sekisho::authn
