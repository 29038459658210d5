#include "agent/joining.h"

#include <sys/stat.h>

#include "agent/gateway_client.h"
#include "agent/renewal.h"
#include "base/file.h"
#include "tests/agent/fake_gateway.h"
#include "tests/agent/run_coroutine.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::agent {
namespace {

using namespace std::chrono_literals;
using sekisho::testing::TemporaryFolder;
using testing::FakeGateway;
using testing::run;
using testing::TestAuthority;

constexpr Patience kPatience{2000ms, 2000ms};
constexpr const char* kToken = "ABCDEFGHIJKLMNOPQRSTUVWX23";

const TestAuthority& authority() {
  static const TestAuthority one;
  return one;
}

FakeGateway::Answer sign(const FakeGateway::Question& question) {
  if (question.path == terminal_api::kJoinPath) {
    const auto request = terminal_api::decode_join_request(question.body).value();
    const terminal_api::JoinResponse response{"zeimu-03",
                                              authority().sign_terminal(request.csr, "zeimu-03"),
                                              authority().certificate_pem()};
    return {200, terminal_api::encode(response).value()};
  }
  const auto request = terminal_api::decode_renew_request(question.body).value();
  const terminal_api::RenewResponse response{authority().sign_terminal(request.csr, "zeimu-03")};
  return {200, terminal_api::encode(response).value()};
}

Invitation invitation_to(const FakeGateway& gateway, const std::string& fingerprint) {
  return {gateway.address(), fingerprint, Secret(std::string_view(kToken))};
}

TEST_CASE("a terminal joins, and its key never leaves it", "[agent]") {
  const TemporaryFolder folder;
  const TerminalState state(folder.file("state"));
  const FakeGateway gateway(authority(), sign);
  const Result<std::string> name =
      run(join(invitation_to(gateway, authority().fingerprint()), kPatience, state));
  REQUIRE(name);
  CHECK(*name == "zeimu-03");
  const Result<TerminalIdentity> identity = state.load();
  REQUIRE(identity);
  CHECK(identity->facts.subject == "zeimu-03");
  CHECK(identity->ca_pem == authority().certificate_pem());
  const auto sent = gateway.asked();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].terminal.empty());
  CHECK(sent[0].body.find("PRIVATE KEY") == std::string::npos);
  CHECK(terminal_api::decode_join_request(sent[0].body)->token.reveal_text() == kToken);
  struct stat status {};
  REQUIRE(::stat(folder.file("state/terminal.key").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a wrong fingerprint ends joining before anything is sent", "[agent]") {
  const TemporaryFolder folder;
  const TerminalState state(folder.path());
  const FakeGateway gateway(authority(), sign);
  const Result<std::string> name =
      run(join(invitation_to(gateway, std::string(64, '0')), kPatience, state));
  REQUIRE_FALSE(name);
  CHECK(name.error().code == ErrorCode::kDenied);
  CHECK(gateway.asked().empty());
  CHECK_FALSE(state.load());
}

TEST_CASE("the fingerprint of the gateway's own certificate pins nothing", "[agent]") {
  const TemporaryFolder folder;
  const FakeGateway gateway(authority(), sign);
  AddressBook book;
  Route route{gateway.address(), tls_for_a_look().value(), kPatience};
  const std::string chain = run(shown_chain(book, route)).value();
  const std::string leaf = certs::facts_of_pem(chain)->fingerprint;
  const Result<std::string> name =
      run(join(invitation_to(gateway, leaf), kPatience, TerminalState(folder.path())));
  REQUIRE_FALSE(name);
  CHECK(gateway.asked().empty());
}

TEST_CASE("showing the right authority beside another's certificate is not enough", "[agent]") {
  const TemporaryFolder folder;
  const TestAuthority own;
  const FakeGateway gateway(own, sign, {"127.0.0.1"}, authority().certificate_pem());
  const Result<std::string> name = run(join(invitation_to(gateway, authority().fingerprint()),
                                            kPatience, TerminalState(folder.path())));
  REQUIRE_FALSE(name);
  CHECK(gateway.asked().empty());
}

TEST_CASE("a gateway with a certificate for another host is not joined", "[agent]") {
  const TemporaryFolder folder;
  const FakeGateway gateway(authority(), sign, {"other.town.example"});
  CHECK_FALSE(run(join(invitation_to(gateway, authority().fingerprint()), kPatience,
                       TerminalState(folder.path()))));
  CHECK(gateway.asked().empty());
}

TEST_CASE("a refused token leaves the terminal as it was", "[agent]") {
  const TemporaryFolder folder;
  const TerminalState state(folder.path());
  const FakeGateway gateway(authority(), [](const FakeGateway::Question&) {
    return FakeGateway::Answer{403, R"({"error":"token_refused","message":"spent"})"};
  });
  const Result<std::string> name =
      run(join(invitation_to(gateway, authority().fingerprint()), kPatience, state));
  REQUIRE_FALSE(name);
  CHECK(name.error().code == ErrorCode::kDenied);
  CHECK_FALSE(state.load());
}

TEST_CASE("a certificate for another key is not taken", "[agent]") {
  const TemporaryFolder folder;
  const TerminalState state(folder.path());
  const FakeGateway gateway(authority(), [](const FakeGateway::Question&) {
    const terminal_api::JoinResponse response{"zeimu-03",
                                              authority().terminal("zeimu-03").certificate_pem,
                                              authority().certificate_pem()};
    return FakeGateway::Answer{200, terminal_api::encode(response).value()};
  });
  CHECK_FALSE(run(join(invitation_to(gateway, authority().fingerprint()), kPatience, state)));
  CHECK_FALSE(state.load());
}

TEST_CASE("what a person copies from the gateway's screen is read kindly", "[agent]") {
  const std::string fingerprint(64, 'a');
  const auto read = [&](std::string_view url, std::string_view print, std::string_view token) {
    return read_invitation(url, print, token);
  };
  const auto good = read("https://gw:8444", std::string(64, 'A'), "abcdef-ghijkl mnopqr-stuvwx-23");
  REQUIRE(good);
  CHECK(good->ca_fingerprint == fingerprint);
  CHECK(good->token.reveal_text() == kToken);
  CHECK_FALSE(read("http://gw:8444", fingerprint, kToken));
  CHECK_FALSE(read("https://gw:8444/path", fingerprint, kToken));
  CHECK_FALSE(read("https://gw:8444", "abc", kToken));
  CHECK_FALSE(read("https://gw:8444", std::string(64, 'g'), kToken));
  CHECK_FALSE(read("https://gw:8444", fingerprint, "short"));
  CHECK_FALSE(read("https://gw:8444", fingerprint, "ABCDEFGHIJKLMNOPQRSTUVWX01"));
}

TEST_CASE("renewing replaces key and certificate and speaks with the new ones", "[agent]") {
  const TemporaryFolder folder;
  const TerminalState state(folder.path());
  const FakeGateway gateway(authority(), sign);
  REQUIRE(run(join(invitation_to(gateway, authority().fingerprint()), kPatience, state)));
  const TerminalIdentity before = state.load().value();
  GatewayClient client({gateway.address()}, kPatience, tls_of_terminal(before).value());
  const auto renewed = run(renew(client, state, "zeimu-03"));
  REQUIRE(renewed);
  const TerminalIdentity after = state.load().value();
  CHECK(after.facts.serial != before.facts.serial);
  CHECK(after.facts.serial == renewed->serial);
  CHECK(after.private_key_pem.reveal_text() != before.private_key_pem.reveal_text());
  CHECK(gateway.asked().back().terminal == "zeimu-03");
  CHECK(run(renew(client, state, "zeimu-03")));
}

TEST_CASE("an agent that runs takes over the identity its terminal joined again with", "[agent]") {
  const TemporaryFolder folder;
  const TerminalState state(folder.path());
  std::string refused;  // the serial of the identity before
  const FakeGateway gateway(authority(), [&refused](const FakeGateway::Question& question) {
    if (question.path != terminal_api::kBeginPath) return sign(question);
    if (question.serial == refused) {
      return FakeGateway::Answer{403, R"({"error":"revoked","message":"joined again"})"};
    }
    const terminal_api::BeginResponse response{"tx", {terminal_api::Factor::kTotp}, 60s};
    return FakeGateway::Answer{200, terminal_api::encode(response).value()};
  });
  REQUIRE(run(join(invitation_to(gateway, authority().fingerprint()), kPatience, state)));
  const TerminalIdentity before = state.load().value();
  refused = before.facts.serial;
  GatewayClient client({gateway.address()}, kPatience, tls_of_terminal(before).value());
  client.succeed_by([&state](const TlsContext& now) { return identity_instead_of(now, state); });
  const terminal_api::BeginRequest taro{"taro", "login", "tty1", ""};
  CHECK(run(client.begin(taro)).error().code == ErrorCode::kDenied);
  const auto asked = gateway.asked().size();
  REQUIRE(run(join(invitation_to(gateway, authority().fingerprint()), kPatience, state)));
  CHECK(run(client.begin(taro)));
  CHECK(gateway.asked().size() == asked + 3);  // the join, the refusal, the answer
}

TEST_CASE("a failed renewal leaves the pair that works", "[agent]") {
  const TemporaryFolder folder;
  const TerminalState state(folder.path());
  const FakeGateway gateway(authority(), sign);
  REQUIRE(run(join(invitation_to(gateway, authority().fingerprint()), kPatience, state)));
  const std::string serial = state.load()->facts.serial;
  GatewayClient client({testing::deserted_address()}, kPatience,
                       tls_of_terminal(*state.load()).value());
  CHECK_FALSE(run(renew(client, state, "zeimu-03")));
  CHECK(state.load()->facts.serial == serial);
}

}  // namespace
}  // namespace sekisho::agent
