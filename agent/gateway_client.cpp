#include "agent/gateway_client.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

// What a 4xx or 5xx means to a terminal.
Error refusal(const GatewayAddress& gateway, const HttpResponse& response) {
  std::string message = gateway.url() + " answers " + std::to_string(response.status);
  if (const auto error = terminal_api::decode_error_response(response.body)) {
    message += " " + error->error + ": " + printable(error->message);
  }
  if (response.status == 401 || response.status == 403) {
    return {ErrorCode::kDenied, std::move(message)};
  }
  return {response.status >= 500 || response.status == 429 ? ErrorCode::kUnavailable
                                                           : ErrorCode::kInvalid,
          std::move(message)};
}

}  // namespace

GatewayClient::GatewayClient(std::vector<GatewayAddress> gateways, Patience patience,
                             TlsContext tls)
    : gateways_(std::move(gateways)), patience_(patience), tls_(std::move(tls)) {}

asio::awaitable<Result<GatewayClient::Answer>> GatewayClient::ask_one(GatewayAddress gateway,
                                                                      Patience patience,
                                                                      HttpRequest request) {
  Route route{gateway, tls_, patience};
  Result<HttpResponse> response = co_await exchange(book_, std::move(route), std::move(request));
  if (!response) co_return fail(response.error());
  if (response->status != 200) co_return fail(refusal(gateway, *response));
  Answer answer{std::move(gateway), std::move(response->body)};
  co_return std::move(answer);
}

asio::awaitable<Result<GatewayClient::Answer>> GatewayClient::ask_any(std::string_view path,
                                                                      std::string body) {
  const auto end = steady_clock::now() + patience_.question;
  Result<Answer> answer = co_await ask_in_turn(path, body, end);
  if (answer || !successor_) co_return std::move(answer);
  std::optional<TlsContext> successor = successor_(tls_);
  if (!successor) co_return std::move(answer);
  log::write(log::Level::kInfo, "identity_reloaded");
  use(std::move(*successor));
  co_return co_await ask_in_turn(path, body, end);
}

asio::awaitable<Result<GatewayClient::Answer>> GatewayClient::ask_in_turn(
    std::string_view path, const std::string& body, steady_clock::time_point end) {
  const std::size_t first = last_good_;
  Error last{ErrorCode::kUnavailable, "no gateway answered in time"};
  for (std::size_t i = 0; i < gateways_.size(); ++i) {
    const auto rest =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - steady_clock::now());
    if (rest.count() <= 0) break;
    const std::size_t turn = (first + i) % gateways_.size();
    // An equal share of what is left, so that gateways that hang leave the last one its time.
    Patience patience = patience_;
    patience.question = rest / static_cast<int>(gateways_.size() - i);
    HttpRequest request{path, Secret(std::string_view(body))};
    Result<Answer> answer = co_await ask_one(gateways_[turn], patience, std::move(request));
    if (answer) {
      last_good_ = turn;
      co_return std::move(answer);
    }
    log::write(log::Level::kWarning, "gateway_passed_over",
               JsonObject().add("reason", answer.error().message));
    last = answer.error();
    if (last.code == ErrorCode::kDenied) co_return fail(std::move(last));
  }
  co_return fail(std::move(last));
}

asio::awaitable<Result<BegunLogin>> GatewayClient::begin(terminal_api::BeginRequest request) {
  Result<std::string> body = terminal_api::encode(request);
  if (!body) co_return fail(body.error());
  const Result<Answer> answer = co_await ask_any(terminal_api::kBeginPath, std::move(*body));
  if (!answer) co_return fail(answer.error());
  Result<terminal_api::BeginResponse> response = terminal_api::decode_begin_response(answer->body);
  if (!response) co_return fail(response.error());
  BegunLogin begun{answer->gateway, std::move(*response)};
  co_return std::move(begun);
}

asio::awaitable<Result<terminal_api::FinishResponse>> GatewayClient::finish(
    GatewayAddress gateway, terminal_api::FinishRequest request) {
  Result<Secret> body = terminal_api::encode(request);
  if (!body) co_return fail(body.error());
  HttpRequest question{terminal_api::kFinishPath, std::move(*body)};
  const Result<Answer> answer =
      co_await ask_one(std::move(gateway), patience_, std::move(question));
  if (!answer) co_return fail(answer.error());
  co_return terminal_api::decode_finish_response(answer->body);
}

asio::awaitable<Result<terminal_api::RenewResponse>> GatewayClient::renew(
    terminal_api::RenewRequest request) {
  Result<std::string> body = terminal_api::encode(request);
  if (!body) co_return fail(body.error());
  const Result<Answer> answer = co_await ask_any(terminal_api::kRenewPath, std::move(*body));
  if (!answer) co_return fail(answer.error());
  co_return terminal_api::decode_renew_response(answer->body);
}

asio::awaitable<Result<terminal_api::StatusResponse>> GatewayClient::status(
    GatewayAddress gateway) {
  HttpRequest question{terminal_api::kStatusPath, Secret()};
  const Result<Answer> answer =
      co_await ask_one(std::move(gateway), patience_, std::move(question));
  if (!answer) co_return fail(answer.error());
  co_return terminal_api::decode_status_response(answer->body);
}

asio::awaitable<Result<terminal_api::JoinResponse>> GatewayClient::join(
    GatewayAddress gateway, terminal_api::JoinRequest request) {
  Result<Secret> body = terminal_api::encode(request);
  if (!body) co_return fail(body.error());
  HttpRequest question{terminal_api::kJoinPath, std::move(*body)};
  const Result<Answer> answer =
      co_await ask_one(std::move(gateway), patience_, std::move(question));
  if (!answer) co_return fail(answer.error());
  co_return terminal_api::decode_join_response(answer->body);
}

}  // namespace sekisho::agent
