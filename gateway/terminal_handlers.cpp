#include "gateway/terminal_handlers.h"

#include <algorithm>

#include "authn/keys.h"
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
    case authn::Factor::kSecurityKey:
      return api::Factor::kSecurityKey;
    case authn::Factor::kEnrolmentCode:
      break;  // not at terminals
  }
  return api::Factor::kTotp;
}

// A key is looked at only beside a right password, so the person may hear of it.
std::optional<api::KeyRefusal> key_refusal_of(authn::Reason reason) {
  switch (reason) {
    case authn::Reason::kKeyUnknown:
      return api::KeyRefusal::kUnknown;
    case authn::Reason::kKeyNotVerified:
      return api::KeyRefusal::kNotVerified;
    case authn::Reason::kKeyModelRefused:
      return api::KeyRefusal::kModel;
    case authn::Reason::kKeySuspected:
      return api::KeyRefusal::kSuspected;
    case authn::Reason::kNotEnough:
      return api::KeyRefusal::kNeeded;
    case authn::Reason::kKeyRefused:
      return api::KeyRefusal::kOther;
    default:
      return std::nullopt;
  }
}

api::FinishResponse answer_of(const authn::LoginResult& result, bool is_seated, Instant now) {
  api::FinishResponse answer;
  const bool has_two_kinds = result.assurance >= authn::Assurance::kSecondFactor;
  switch (result.verdict.outcome) {
    case authn::Outcome::kGranted:
      // A password alone opens no terminal (requirements 0.1).
      answer.verdict = has_two_kinds ? api::Verdict::kGranted : api::Verdict::kDenied;
      break;
    case authn::Outcome::kDenied:
      answer.verdict = api::Verdict::kDenied;
      answer.key_refusal = key_refusal_of(result.verdict.reason);
      // Who guesses passwords from afar must not hear that one was right.
      if (answer.key_refusal == api::KeyRefusal::kNeeded && !is_seated) answer.key_refusal.reset();
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

Response joined_answer(const std::string& terminal, const std::string& certificate,
                       const Site& site) {
  return json_response(
      api::encode(api::JoinResponse{terminal, certificate, site.authority->certificate_pem()}));
}

Response renewed_answer(const std::string& certificate) {
  return json_response(api::encode(api::RenewResponse{certificate}));
}

Response status_answer(const RequestContext& context) {
  return json_response(api::encode(api::StatusResponse{context.terminal->name, context.now}));
}

Response begun_answer(const authn::BegunLogin& begun, const authn::Policy& policy,
                      std::vector<Bytes> credentials) {
  api::BeginResponse response;
  response.transaction = begun.ticket;
  for (const authn::Factor factor : begun.factors) response.factors.push_back(api_factor(factor));
  response.expires_in = std::chrono::floor<std::chrono::seconds>(policy.terminal.transaction_life);
  if (!credentials.empty()) {
    response.key = {policy.security_keys.rp_id, begun.challenge, std::move(credentials),
                    begun.verifies_user, begun.prefers_verification};
  }
  return json_response(api::encode(response));
}

bool offers_key(const authn::BegunLogin& begun) {
  return std::ranges::find(begun.factors, authn::Factor::kSecurityKey) != begun.factors.end();
}

// What the terminal presents for the login of `ticket`.
authn::Presented presented_by(api::FinishRequest& request, const authn::LoginTicket& ticket,
                              const std::string& terminal) {
  authn::Presented presented;
  presented.password = request.password ? std::move(*request.password) : Secret(std::string_view());
  presented.code = std::move(request.code);
  switch (request.factor) {
    case api::Factor::kRecovery:
      presented.second_factor = authn::Factor::kRecovery;
      break;
    case api::Factor::kSecurityKey:
      presented.second_factor = authn::Factor::kSecurityKey;
      break;
    default:
      presented.second_factor = authn::Factor::kTotp;
      break;
  }
  // Whom the login says to come from elsewhere has no key here, whatever the terminal sends.
  if (request.key && ticket.login.remote_host.empty()) {
    presented.key = {
        std::move(request.key->credential_id),      std::move(request.key->client_data),
        std::move(request.key->authenticator_data), std::move(request.key->signature),
        std::move(request.key->user_handle),        ticket.challenge,
        {api::terminal_origin(terminal)},           std::nullopt};
  }
  return presented;
}

Response expired_answer() {
  api::FinishResponse expired;
  expired.verdict = api::Verdict::kExpired;
  return json_response(api::encode(expired));
}

authn::TerminalLogin login_of(const api::BeginRequest& request) {
  return {request.user, request.service, request.tty, request.rhost, request.is_seated};
}

// Who comes over the network is counted apart from who sits there: strangers must not lock the
// console (requirements 0.8).
authn::Claim claim_of(const authn::TerminalLogin& login, const certs::TerminalIdentity& terminal,
                      const IpAddress& address, const std::string& source) {
  authn::Claim claim;
  claim.claimed_user = login.claimed_user;
  claim.source = source;
  if (!login.remote_host.empty()) {
    // A name is its holder's to vary, and so is the end of an IPv6 address.
    const auto remote = IpAddress::parse(login.remote_host);
    claim.source += " from " + (remote ? remote->owner().text() : std::string("elsewhere"));
  }
  claim.place = login.service;
  if (!login.tty.empty()) claim.place += " " + login.tty;
  if (!login.remote_host.empty()) claim.place += " from " + login.remote_host;
  const bool is_seated = login.is_seated && login.remote_host.empty();
  claim.terminal = {store::TerminalId{terminal.id}, terminal.generation,
                    is_seated ? std::optional(address) : std::nullopt, !login.remote_host.empty()};
  return claim;
}

}  // namespace

Response terminal_error(unsigned status, std::string_view error, std::string_view message) {
  Response response;
  response.status = status;
  response.add("Content-Type", "application/json").add("Cache-Control", "no-store");
  if (status == 503) response.add("Retry-After", std::to_string(kTryAgainAfter.count()));
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
    authn::JoinAttempt attempt;
    std::string certificate;
  };
  Joined joined;
  joined.token = std::move(request->token);
  joined.csr = std::move(request->csr);
  const auto site = context.site;
  const Instant now = context.now;
  const std::string source = context.client.text();
  const authn::ThrottlePolicy& throttle = context.loop.shared().policy.throttle;
  const store::CommitLane::Job job = [&](store::Store& store) -> Result<void> {
    auto attempt = authn::join_terminal(store, throttle, joined.token.reveal_text(), source, now);
    if (!attempt) return fail(attempt.error());
    joined.attempt = std::move(*attempt);
    if (!joined.attempt.terminal) return {};
    const store::Terminal& terminal = *joined.attempt.terminal;
    const auto issued = issue(store, *site, {terminal.name, terminal.id.value, terminal.generation},
                              joined.csr, now);
    if (!issued) return fail(issued.error());  // the token stays unspent
    joined.certificate = issued->pem;
    return {};
  };
  const auto done = co_await context.loop.commit(job);
  if (!done && done.error().code == ErrorCode::kInvalid) co_return malformed(done.error());
  if (!done) co_return unavailable(done.error());
  if (joined.attempt.verdict.outcome == authn::Outcome::kLocked) {
    co_return terminal_error(429, "throttled", "too many join tokens were tried from here; wait");
  }
  if (!joined.attempt.terminal) {
    co_return terminal_error(403, "token_refused", "the join token is unknown, spent or expired");
  }
  log::write(log::Level::kInfo, "terminal_joined",
             JsonObject().add("terminal", joined.attempt.terminal->name).add("source", source));
  co_return joined_answer(joined.attempt.terminal->name, joined.certificate, *site);
}

Task<Response> renew_certificate(RequestContext& context) {
  auto request = api::decode_renew_request(context.body);
  if (!request) co_return malformed(request.error());
  std::string certificate;
  const auto site = context.site;
  const certs::TerminalIdentity identity = *context.terminal;
  const Instant now = context.now;
  const std::string csr = request->csr;
  const std::string who = source_of(context);
  const store::CommitLane::Job job = [&](store::Store& store) -> Result<void> {
    const auto issued = issue(store, *site, identity, csr, now);
    if (!issued) return fail(issued.error());
    certificate = issued->pem;
    return store.audit_log().append({"terminal_renew", "done", who, who, who,
                                     JsonObject().add("serial", issued->serial).text()},
                                    now);
  };
  const auto done = co_await context.loop.commit(job);
  if (!done && done.error().code == ErrorCode::kInvalid) co_return malformed(done.error());
  if (!done) co_return unavailable(done.error());
  co_return renewed_answer(certificate);
}

Task<Response> show_terminal(RequestContext& context) {
  co_return status_answer(context);
}

Task<Response> begin_login(RequestContext& context) {
  auto request = api::decode_begin_request(context.body);
  if (!request) co_return malformed(request.error());
  const Shared& shared = context.loop.shared();
  const auto begun = authn::begin_terminal_login(shared.keyring, shared.random, shared.policy,
                                                 store::TerminalId{context.terminal->id},
                                                 login_of(*request), context.now);
  if (!begun) co_return malformed(begun.error());
  std::vector<Bytes> credentials;
  if (offers_key(*begun)) {
    const auto view = context.loop.view(context.now);
    if (!view) co_return unavailable(view.error());
    const Secret key = authn::unknown_user_key(shared.keyring);
    auto allowed = authn::allow_list_for((*view)->store(), key.reveal(), request->user);
    if (!allowed) co_return unavailable(allowed.error());
    credentials = std::move(*allowed);
  }
  co_return begun_answer(*begun, shared.policy, std::move(credentials));
}

Task<Response> finish_login(RequestContext& context) {
  auto request = api::decode_finish_request(context.body);
  wipe(context.body);
  if (!request) co_return malformed(request.error());
  const Shared& shared = context.loop.shared();
  std::optional<authn::LoginTicket> taken;
  const store::TerminalId terminal{context.terminal->id};
  const std::string ticket = request->transaction;
  const std::string who = source_of(context);
  const store::CommitLane::Job job = [&](store::Store& store) -> Result<void> {
    auto result =
        authn::take_terminal_login(store, shared.keyring, ticket, terminal, shared.clock.now());
    if (!result) return fail(result.error());
    taken = std::move(*result);
    if (taken) return {};
    return store.audit_log().append(
        {"terminal_login", "denied", who, who, who, R"({"reason":"transaction_gone"})"},
        shared.clock.now());
  };
  const auto took = co_await context.loop.commit(job);
  if (!took) co_return unavailable(took.error());
  if (!taken) {
    co_return expired_answer();
  }
  LoginRun run;
  run.claim = claim_of(taken->login, *context.terminal, context.client, who);
  run.claim.require = shared.policy.terminal.required_by(taken->login.service);
  run.presented = presented_by(*request, *taken, context.terminal->name);
  const auto result = co_await run_login(context.loop, run);
  if (!result) co_return unavailable(result.error());
  co_return json_response(
      api::encode(answer_of(*result, run.claim.terminal->seat.has_value(), context.now)));
}

}  // namespace sekisho::gateway
