#include "agent/gateway_client.h"

#include <thread>

#include "tests/agent/fake_gateway.h"
#include "tests/agent/run_coroutine.h"
#include "tests/support/catch.h"

namespace sekisho::agent {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::FakeGateway;
using testing::run;
using testing::SilentGateway;
using testing::TestAuthority;

constexpr Patience kShort{300ms, 300ms};

const TestAuthority& authority() {
  static const TestAuthority one;
  return one;
}

FakeGateway::Answer begun(const FakeGateway::Question&) {
  return {200, terminal_api::encode(
                   terminal_api::BeginResponse{"tx", {terminal_api::Factor::kTotp}, 60s})
                   .value()};
}

GatewayClient client_of(std::vector<GatewayAddress> gateways, Patience patience = kShort) {
  return {std::move(gateways), patience,
          tls_of_terminal(testing::identity_of(authority(), "zeimu-03")).value()};
}

const terminal_api::BeginRequest kTaro{"taro", "login", "tty1", ""};

TEST_CASE("a terminal speaks to its gateway over mutual TLS", "[agent]") {
  const FakeGateway gateway(authority(), begun);
  GatewayClient client = client_of({gateway.address()});
  const Result<BegunLogin> login = run(client.begin(kTaro));
  REQUIRE(login);
  CHECK(login->response.transaction == "tx");
  REQUIRE(gateway.asked().size() == 1);
  CHECK(gateway.asked()[0].path == "/v1/login/begin");
  CHECK(gateway.asked()[0].terminal == "zeimu-03");
  CHECK(terminal_api::decode_begin_request(gateway.asked()[0].body)->user == "taro");
}

TEST_CASE("a gateway of another authority is not spoken to", "[agent]") {
  const TestAuthority impostor;
  const FakeGateway gateway(impostor, begun);
  GatewayClient client = client_of({gateway.address()});
  const Result<BegunLogin> login = run(client.begin(kTaro));
  REQUIRE_FALSE(login);
  CHECK(login.error().message.find("certificate is refused") != std::string::npos);
  CHECK(gateway.asked().empty());
}

TEST_CASE("a gateway with a certificate for another name is not spoken to", "[agent]") {
  const FakeGateway gateway(authority(), begun, {"other.town.example", "127.0.0.2"});
  GatewayClient client = client_of({gateway.address()});
  CHECK_FALSE(run(client.begin(kTaro)));
  CHECK(gateway.asked().empty());
}

TEST_CASE("a gateway that refuses connections is passed over", "[agent]") {
  const FakeGateway second(authority(), begun);
  GatewayClient client = client_of({testing::deserted_address(), second.address()});
  const Result<BegunLogin> login = run(client.begin(kTaro));
  REQUIRE(login);
  CHECK(login->gateway == second.address());
}

TEST_CASE("a gateway that accepts and says nothing is given up in time", "[agent]") {
  const SilentGateway silent;
  const FakeGateway second(authority(), begun);
  GatewayClient client = client_of({silent.address(), second.address()}, {300ms, 5000ms});
  const auto start = steady_clock::now();
  const Result<BegunLogin> login = run(client.begin(kTaro));
  const auto took = steady_clock::now() - start;
  REQUIRE(login);
  CHECK(login->gateway == second.address());
  CHECK(took >= 300ms);
  CHECK(took < 3s);
}

TEST_CASE("the gateway that answered last is asked first", "[agent]") {
  const SilentGateway silent;
  const FakeGateway second(authority(), begun);
  GatewayClient client = client_of({silent.address(), second.address()}, {1000ms, 5000ms});
  REQUIRE(run(client.begin(kTaro)));
  const auto start = steady_clock::now();
  REQUIRE(run(client.begin(kTaro)));
  CHECK(steady_clock::now() - start < 900ms);
}

TEST_CASE("no gateway at all is unavailable, in time", "[agent]") {
  const SilentGateway silent;
  GatewayClient client = client_of({silent.address(), testing::deserted_address()});
  const auto start = steady_clock::now();
  const Result<BegunLogin> login = run(client.begin(kTaro));
  REQUIRE_FALSE(login);
  CHECK(login.error().code == ErrorCode::kUnavailable);
  CHECK(steady_clock::now() - start < 3s);
}

TEST_CASE("a gateway that is slow to answer is passed over, and the answer is bounded", "[agent]") {
  const FakeGateway slow(authority(), [](const FakeGateway::Question& question) {
    std::this_thread::sleep_for(700ms);
    return begun(question);
  });
  const FakeGateway second(authority(), begun);
  GatewayClient client = client_of({slow.address(), second.address()}, {2000ms, 200ms});
  const Result<BegunLogin> login = run(client.begin(kTaro));
  REQUIRE(login);
  CHECK(login->gateway == second.address());
}

TEST_CASE("gateways that hang leave the last one its time", "[agent]") {
  const auto hangs = [](const FakeGateway::Question& question) {
    std::this_thread::sleep_for(1500ms);
    return begun(question);
  };
  const FakeGateway first(authority(), hangs);
  const FakeGateway second(authority(), hangs);
  const FakeGateway third(authority(), begun);
  GatewayClient client =
      client_of({first.address(), second.address(), third.address()}, {2000ms, 2000ms, 1200ms});
  const Result<BegunLogin> login = run(client.begin(kTaro));
  REQUIRE(login);
  CHECK(login->gateway == third.address());
}

TEST_CASE("finishing takes no longer than a question may", "[agent]") {
  const FakeGateway slow(authority(), [](const FakeGateway::Question& question) {
    std::this_thread::sleep_for(1500ms);
    return begun(question);
  });
  GatewayClient client = client_of({slow.address()}, {60s, 60s, 400ms});
  terminal_api::FinishRequest request;
  request.transaction = "tx";
  request.code = Secret(std::string_view("123456"));
  const auto start = steady_clock::now();
  const auto response = run(client.finish(slow.address(), std::move(request)));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::kUnavailable);
  CHECK(steady_clock::now() - start < 1200ms);
}

TEST_CASE("a gateway that is out of order is passed over", "[agent]") {
  const FakeGateway broken(authority(), [](const FakeGateway::Question&) {
    return FakeGateway::Answer{503, R"({"error":"unavailable","message":"the disk is full"})"};
  });
  const FakeGateway nonsense(authority(), [](const FakeGateway::Question&) {
    return FakeGateway::Answer{404, "<html>"};
  });
  const FakeGateway third(authority(), begun);
  GatewayClient client = client_of({broken.address(), nonsense.address(), third.address()});
  CHECK(run(client.begin(kTaro)));
}

TEST_CASE("a revoked terminal hears so at once and asks no other gateway", "[agent]") {
  const FakeGateway first(authority(), [](const FakeGateway::Question&) {
    return FakeGateway::Answer{403, R"({"error":"revoked","message":"revoked yesterday"})"};
  });
  const FakeGateway second(authority(), begun);
  GatewayClient client = client_of({first.address(), second.address()});
  const Result<BegunLogin> login = run(client.begin(kTaro));
  REQUIRE_FALSE(login);
  CHECK(login.error().code == ErrorCode::kDenied);
  CHECK(login.error().message.find("revoked yesterday") != std::string::npos);
  CHECK(second.asked().empty());
}

TEST_CASE("a login is finished by the gateway that began it, and by no other", "[agent]") {
  const FakeGateway other(authority(), begun);
  GatewayClient client = client_of({other.address()});
  terminal_api::FinishRequest request;
  request.transaction = "tx";
  request.code = Secret(std::string_view("123456"));
  const Result<terminal_api::FinishResponse> response =
      run(client.finish(testing::deserted_address(), std::move(request)));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::kUnavailable);
  CHECK(other.asked().empty());
}

TEST_CASE("an answer that is too long or no JSON is refused", "[agent]") {
  for (const std::string& body :
       {std::string(terminal_api::kMaxBody + 1, ' '), std::string("[]"), std::string()}) {
    const FakeGateway gateway(authority(), [&body](const FakeGateway::Question&) {
      return FakeGateway::Answer{200, body};
    });
    GatewayClient client = client_of({gateway.address()}, {2000ms, 2000ms});
    CHECK_FALSE(run(client.begin(kTaro)));
  }
}

TEST_CASE("a name that cannot be resolved is given up in time", "[agent]") {
  GatewayClient client = client_of({{"gateway.invalid", 8444}});
  const auto start = steady_clock::now();
  const Result<BegunLogin> login = run(client.begin(kTaro));
  REQUIRE_FALSE(login);
  CHECK(login.error().code == ErrorCode::kUnavailable);
  CHECK(steady_clock::now() - start < 3s);
}

TEST_CASE("a gateway is found by its name", "[agent]") {
  const FakeGateway gateway(authority(), begun);
  GatewayClient client = client_of({{"localhost", gateway.address().port}}, {2000ms, 2000ms});
  CHECK(run(client.begin(kTaro)));
}

}  // namespace
}  // namespace sekisho::agent
