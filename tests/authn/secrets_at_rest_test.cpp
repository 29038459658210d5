// A stolen copy of the store: no secret of a realistic day is in any byte of its files.

#include "authn/enrolment_code.h"
#include "authn/session.h"
#include "authn/terminal_access.h"
#include "base/encoding.h"
#include "base/file.h"
#include "tests/support/test_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::kPassword;
using testing::kSeed;
using testing::must;
using testing::TestTown;

struct Secrets {
  std::vector<std::pair<std::string, std::string>> all;  // what it is, its bytes

  void add(const std::string& what, std::string_view bytes) {
    REQUIRE(bytes.size() >= 6);
    all.emplace_back(what, bytes);
    all.emplace_back(what + " in hex", hex_of(as_bytes(bytes)));
    all.emplace_back(what + " in base32", base32_of(as_bytes(bytes)));
    all.emplace_back(what + " in base64url", base64url_of(as_bytes(bytes)));
  }
};

TEST_CASE("no seed, code, password or token is in any byte of the store's files", "[authn]") {
  TestTown test;
  Secrets secrets;
  secrets.add("the password", kPassword);
  secrets.add("the seed", kSeed);

  // A day: eight-digit tokens, so that a code is not found by chance.
  Enrollment::NewTotp totp;
  totp.parameters = {TotpAlgorithm::kSha256, 8, 30};
  const auto token = must(test.enrollment().add_totp("hanako", std::move(totp)));
  secrets.add("a new seed", token.seed.reveal_text());
  const auto code = [&] {
    test.clock.advance(30s);
    const TotpParameters parameters{TotpAlgorithm::kSha256, 8, 30};
    const std::string shown =
        must(totp_code(token.seed.reveal(), parameters, time_step(parameters, test.clock.now())));
    secrets.add("a code", shown);
    return shown;
  };
  must(test.enrollment().confirm_totp(token.id, code()));
  const auto recovery = must(test.enrollment().issue_recovery_codes("hanako"));
  for (const Secret& one : recovery) {
    secrets.add("a recovery code", one.reveal_text());
    secrets.add("a recovery code as hashed", normalized_base32(one.reveal_text()));
  }

  std::optional<store::SessionId> pending;
  for (int login = 0; login < 5; ++login) {
    const auto first = must(open_session(*test, test.random, test.policy,
                                         test.log_in(test.claim(), test.presented(kPassword)),
                                         "10.1.2.3", {}, test.clock.now()));
    secrets.add("a token", first.token.reveal_text());
    secrets.add("a form token", form_token(first.token.reveal_text()));
    const auto second =
        must(open_session(*test, test.random, test.policy,
                          test.log_in(test.claim(), test.presented(kPassword, code())), "10.1.2.3",
                          first.id, test.clock.now()));
    secrets.add("a token", second.token.reveal_text());
  }
  test.log_in(test.claim(), test.with_recovery(kPassword, recovery[0].reveal_text()));

  const auto enrolment_code = [&] {
    const Secret made = new_enrolment_code(test.random);
    const std::string shown(made.reveal_text());
    secrets.add("an enrolment code", shown);
    secrets.add("an enrolment code as hashed", normalized_base32(shown));
    const Digest hash = must(enrolment_code_hash(test.keyring, "k1", test.hanako, shown));
    must(test->enrolment_codes().set(test.hanako, "k1", hash, test.clock.now() + 10min));
    return shown;
  };
  Presented enrolling = test.presented(kPassword);
  enrolling.second_factor = Factor::kEnrolmentCode;
  enrolling.code = Secret(std::string_view(enrolment_code()));
  REQUIRE(test.log_in(test.claim(), enrolling).verdict.is_granted());
  enrolment_code();  // waits

  // What goes wrong, and what is typed into the wrong field.
  const std::string wrong = "wrong password of the day";
  secrets.add("a wrong password", wrong);
  test.log_in(test.claim(), test.presented(wrong, code()));
  test.log_in(test.claim(kPassword), test.presented(kPassword, code()));
  test.log_in(test.claim(), test.presented(kPassword, "31415926"));
  secrets.add("a wrong code", "31415926");

  const auto invitation = must(test.administration().invite_terminal("t1", false));
  secrets.add("a join token", invitation.token.reveal_text());
  const auto terminal =
      must(join_terminal(*test, test.policy.throttle, invitation.token.reveal_text(), "10.1.2.4",
                         test.clock.now()))
          .terminal;
  for (int login = 0; login < 3; ++login) {
    const auto begun =
        must(begin_terminal_login(test.keyring, test.random, test.policy, terminal->id,
                                  {"hanako", "login", "tty1", ""}, test.clock.now()));
    secrets.add("a ticket", begun.ticket);
    if (login == 0)
      must(take_terminal_login(*test, test.keyring, begun.ticket, terminal->id, test.clock.now()));
  }
  must(test.administration().set_password("hanako", Secret("a new password of hers")));
  secrets.add("the new password", "a new password of hers");
  secrets.add("the sealing key", test.keyring.find("k1")->reveal_text());

  std::string bytes;
  for (const char* ending : {"", "-wal", "-shm"}) {
    bytes += must(read_file(test.path + ending, 64 << 20)) + "\n";
  }
  test.close();
  bytes += must(read_file(test.path, 64 << 20));
  REQUIRE(bytes.find("関所 花子") != std::string::npos);  // the search does find what is there
  REQUIRE(bytes.find("session_start") != std::string::npos);
  for (const auto& [what, secret] : secrets.all) {
    INFO(what);
    CHECK(bytes.find(secret) == std::string::npos);
  }
}

}  // namespace
}  // namespace sekisho::authn
