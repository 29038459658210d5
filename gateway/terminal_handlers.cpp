#include "gateway/terminal_handlers.h"

#include "authn/terminal_access.h"
#include "base/log.h"
#include "gateway/login_run.h"
#include "protocol/terminal_api.h"

namespace sekisho::gateway {
namespace {

namespace api = terminal_api;

Response json_response(const Result<std::string>& body) {
  if (!body) return terminal_error(500, "internal", body.error().message);
  Response response;
  response.add("Content-Type", "application/json").add("Cache-Control", "no-store");
  response.body = *body;
  return response;
}

Response malformed(const Error& error) {
  return terminal_error(400, "malformed", error.message);
}

Response unavailable(const Error& error) {
  log::write(log::Level::kError, "terminal_api_unavailable",
             JsonObject().add("error", error.message));
  return terminal_error(503, "unavailable", "nothing was decided; try again");
}

std::string source_of(const RequestContext& context) {
  return "terminal:" + context.terminal->name;
}

// Issues and notes the certificate inside the caller's transaction.
Result<certs::IssuedCertificate> issue(store::Store& store, const Site& site,
                                       const certs::TerminalIdentity& identity,
                                       const std::string& csr, Instant now) {
  const std::chrono::hours life(24 * site.settings.policy.terminal.certificate_days);
  auto issued = site.authority->issue_terminal(csr, identity, {now, life});
  if (!issued) return issued;
  const auto noted =
      store.terminals().note_certificate(store::TerminalId{identity.id}, issued->not_after);
  if (!noted) return fail(noted.error());
  return issued;
}

api::Factor api_factor(authn::Factor factor) {
  switch (factor) {
    case authn::Factor::kPassword:
      return api::Factor::kPassword;
    case authn::Factor::kTotp:
      return api::Factor::kTotp;
    case authn::Factor::kRecovery:
      return api::Factor::kRecovery;
  }
  return api::Factor::kTotp;
}

api::FinishResponse answer_of(const authn::LoginResult& result, Instant now) {
  api::FinishResponse answer;
  const bool has_two_kinds = result.assurance == authn::Assurance::kSecondFactor;
  switch (result.verdict.outcome) {
    case authn::Outcome::kGranted:
      // A password alone opens no terminal (requirements 0.1).
      answer.verdict = has_two_kinds ? api::Verdict::kGranted : api::Verdict::kDenied;
      break;
    case authn::Outcome::kDenied:
      answer.verdict = api::Verdict::kDenied;
      break;
    case authn::Outcome::kLocked:
      answer.verdict = api::Verdict::kLocked;
      break;
  }
  if (result.verdict.retry_at) {
    answer.retry_after = std::chrono::ceil<std::chrono::seconds>(*result.verdict.retry_at - now);
  }
  if (answer.verdict == api::Verdict::kGranted && result.user) {
    answer.last_login = result.user->last_login_at;
    if (answer.last_login) answer.last_login_from = result.user->last_login_from;
    answer.failures_since = result.user->failures_since;
  }
  return answer;
}

}  // namespace

Response terminal_error(unsigned status, std::string_view error, std::string_view message) {
  Response response;
  response.status = status;
  response.add("Content-Type", "application/json").add("Cache-Control", "no-store");
  const auto body = api::encode(api::ErrorResponse{std::string(error), std::string(message)});
  response.body = body ? *body : "{}";
  return response;
}

Task<Response> join_segment(RequestContext& context) {
  auto request = api::decode_join_request(context.body);
  if (!request) co_return malformed(request.error());
  struct Joined {
    Secret token;
    std::string csr;
    std::optional<store::Terminal> terminal;
    std::string certificate;
  };
  auto joined = std::make_shared<Joined>();
  joined->token = std::move(request->token);
  joined->csr = std::move(request->csr);
  const auto site = context.site;
  const Instant now = context.now;
  const std::string source = context.client.text();
  const auto done = co_await context.loop.commit([=](store::Store& store) -> Result<void> {
    auto terminal = authn::join_terminal(store, joined->token.reveal_text(), source, now);
    if (!terminal) return fail(terminal.error());
    if (!*terminal) return {};
    const auto issued =
        issue(store, *site, {(*terminal)->name, (*terminal)->id.value, (*terminal)->generation},
              joined->csr, now);
    if (!issued) return fail(issued.error());  // the token stays unspent
    joined->terminal = std::move(*terminal);
    joined->certificate = issued->pem;
    return {};
  });
  if (!done && done.error().code == ErrorCode::kInvalid) co_return malformed(done.error());
  if (!done) co_return unavailable(done.error());
  if (!joined->terminal) {
    co_return terminal_error(403, "token_refused", "the join token is unknown, spent or expired");
  }
  log::write(log::Level::kInfo, "terminal_joined",
             JsonObject().add("terminal", joined->terminal->name).add("source", source));
  co_return json_response(api::encode(api::JoinResponse{joined->terminal->name, joined->certificate,
                                                        site->authority->certificate_pem()}));
}

Task<Response> renew_certificate(RequestContext& context) {
  auto request = api::decode_renew_request(context.body);
  if (!request) co_return malformed(request.error());
  auto certificate = std::make_shared<std::string>();
  const auto site = context.site;
  const certs::TerminalIdentity identity = *context.terminal;
  const Instant now = context.now;
  const std::string csr = request->csr;
  const std::string who = source_of(context);
  const auto done = co_await context.loop.commit([=](store::Store& store) -> Result<void> {
    const auto issued = issue(store, *site, identity, csr, now);
    if (!issued) return fail(issued.error());
    *certificate = issued->pem;
    return store.audit_log().append({"terminal_renew", "done", who, who, who,
                                     JsonObject().add("serial", issued->serial).text()},
                                    now);
  });
  if (!done && done.error().code == ErrorCode::kInvalid) co_return malformed(done.error());
  if (!done) co_return unavailable(done.error());
  co_return json_response(api::encode(api::RenewResponse{*certificate}));
}

Task<Response> show_terminal(RequestContext& context) {
  co_return json_response(api::encode(api::StatusResponse{context.terminal->name, context.now}));
}

Task<Response> begin_login(RequestContext& context) {
  auto request = api::decode_begin_request(context.body);
  if (!request) co_return malformed(request.error());
  auto begun = std::make_shared<authn::BegunLogin>();
  const Shared& shared = context.loop.shared();
  const store::TerminalId terminal{context.terminal->id};
  const authn::TerminalLogin login{request->user, request->service, request->tty, request->rhost};
  const auto done = co_await context.loop.commit([=, &shared](store::Store& store) -> Result<void> {
    auto result = authn::begin_terminal_login(store, shared.random, shared.policy.terminal,
                                              terminal, login, shared.clock.now());
    if (!result) return fail(result.error());
    *begun = std::move(*result);
    return {};
  });
  if (!done) co_return unavailable(done.error());
  api::BeginResponse response;
  response.transaction = begun->transaction;
  for (const authn::Factor factor : begun->factors) response.factors.push_back(api_factor(factor));
  response.expires_in =
      std::chrono::floor<std::chrono::seconds>(shared.policy.terminal.transaction_life);
  co_return json_response(api::encode(response));
}

Task<Response> finish_login(RequestContext& context) {
  auto request = api::decode_finish_request(context.body);
  wipe(context.body);
  if (!request) co_return malformed(request.error());
  const Shared& shared = context.loop.shared();
  auto taken = std::make_shared<std::optional<store::LoginTransaction>>();
  const store::TerminalId terminal{context.terminal->id};
  const std::string transaction = request->transaction;
  const std::string who = source_of(context);
  const auto took = co_await context.loop.commit([=, &shared](store::Store& store) -> Result<void> {
    auto result = authn::take_terminal_login(store, transaction, terminal, shared.clock.now());
    if (!result) return fail(result.error());
    *taken = std::move(*result);
    if (*taken) return {};
    return store.audit_log().append(
        {"terminal_login", "denied", who, who, who, R"({"reason":"transaction_gone"})"},
        shared.clock.now());
  });
  if (!took) co_return unavailable(took.error());
  if (!*taken) {
    api::FinishResponse expired;
    expired.verdict = api::Verdict::kExpired;
    co_return json_response(api::encode(expired));
  }
  const store::LoginTransaction& login = **taken;
  const bool is_vouched = !shared.policy.terminal.gateway_verifies_password;
  std::string place = login.service;
  if (!login.tty.empty()) place += " " + login.tty;
  if (!login.remote_host.empty()) place += " from " + login.remote_host;
  authn::Claim claim{login.claimed_user, who, place, is_vouched};
  authn::Presented presented;
  if (!is_vouched) {
    presented.password =
        request->password ? std::move(*request->password) : Secret(std::string_view());
  }
  presented.second_factor =
      request->factor == api::Factor::kRecovery ? authn::Factor::kRecovery : authn::Factor::kTotp;
  presented.code = std::move(request->code);
  const auto result =
      co_await run_login(context.loop, std::move(claim), std::move(presented), nullptr);
  if (!result) co_return unavailable(result.error());
  co_return json_response(api::encode(answer_of(*result, context.now)));
}

}  // namespace sekisho::gateway
