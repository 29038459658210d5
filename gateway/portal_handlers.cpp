#include "gateway/portal_handlers.h"

#include "authn/session.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/cookies.h"
#include "gateway/login_run.h"
#include "gateway/pages/assets.h"
#include "gateway/portal_views.h"
#include "gateway/return_address.h"
#include "gateway/routes.h"

namespace sekisho::gateway {
namespace {

using authn::Assurance;
using pages::Notice;

Response unavailable(const RequestContext& context, const Error& error) {
  log::write(log::Level::kError, "portal_unavailable",
             JsonObject().add("path", context.path).add("error", error.message));
  return problem_page(context, 503, std::chrono::seconds(5));
}

std::string field_of(const std::map<std::string, std::string>& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

// The form of a request, if its token is the one that belongs to `secret` (a cookie's value).
struct Form {
  std::map<std::string, std::string> fields;
  std::string return_to = "/";
  bool is_ours = false;
};
Form form_of(const RequestContext& context, std::string_view secret) {
  Form form;
  auto fields = form_fields(context.body);
  if (!fields) return form;
  form.fields = std::move(*fields);
  form.return_to = safe_return_address(*context.site, field_of(form.fields, "return_to"));
  form.is_ours = authn::token_hash(secret).has_value() &&
                 equals_in_constant_time(as_bytes(field_of(form.fields, "csrf_token")),
                                         as_bytes(authn::form_token(secret)));
  return form;
}

std::string wanted_address(const RequestContext& context) {
  const auto fields = form_fields(context.query);
  return safe_return_address(*context.site, fields ? field_of(*fields, "rd") : "");
}

authn::Claim claim_at_portal(const std::string& claimed_user, const RequestContext& context,
                             bool is_password_proven) {
  authn::Claim claim;
  claim.claimed_user = claimed_user;
  claim.source = context.client.text();
  claim.place = "portal";
  claim.is_password_proven = is_password_proven;
  return claim;
}

void add_wait(Response& response, const Refusal& refusal) {
  if (refusal.notice.wait.count() == 0) return;
  response.add("Retry-After", std::to_string(refusal.notice.wait.count()));
}

store::User owner_of(const authn::LiveSession& session) {
  store::User user;
  user.id = session.user->id;
  user.name = session.user->name;
  return user;
}

Task<Response> try_second_factor(RequestContext& context, authn::Factor factor, const char* field) {
  const auto session = context.loop.session(context.session_token, context.now);
  if (!session) co_return unavailable(context, session.error());
  Form form = form_of(context, context.session_token);
  if (*session == nullptr) {
    co_return sign_in_page(context, 401, "", form.return_to, Notice{Notice::Kind::kSignInExpired});
  }
  if (!form.is_ours) {
    co_return second_factor_page(context, 403, **session, form.return_to,
                                 Notice{Notice::Kind::kFormExpired});
  }
  if ((*session)->assurance == Assurance::kSecondFactor) co_return go_to(context, form.return_to);

  const authn::LiveSession before = **session;
  LoginRun run;
  run.claim = claim_at_portal(before.user->name, context, true);
  run.presented.second_factor = factor;
  run.presented.code = Secret(std::string_view(form.fields[field]).substr(0, 256));
  wipe(form.fields[field]);
  std::optional<authn::OpenedSession> opened;
  const Shared& shared = context.loop.shared();
  run.after = [&](store::Store& store, const authn::LoginResult& login) -> Result<void> {
    if (!login.verdict.is_granted()) return {};
    auto raised = authn::open_session(store, shared.random, shared.policy.session, login,
                                      context.client.text(), before.id, shared.clock.now());
    if (!raised) return fail(raised.error());
    opened = std::move(*raised);
    return {};
  };
  const auto result = co_await run_login(context.loop, run);
  if (!result) co_return unavailable(context, result.error());
  if (!result->verdict.is_granted()) {
    const Refusal refusal = refusal_of(result->verdict, factor, context.now);
    Response response =
        second_factor_page(context, refusal.status, before, form.return_to, refusal.notice);
    add_wait(response, refusal);
    co_return response;
  }
  Response response = go_to(context, form.return_to);
  response.add("Set-Cookie", session_cookie(*context.site, opened->token.reveal_text()));
  co_return response;
}

}  // namespace

Task<Response> show_home(RequestContext& context) {
  const auto session = context.loop.session(context.session_token, context.now);
  if (!session) co_return unavailable(context, session.error());
  const std::string wanted = wanted_address(context);
  if (*session == nullptr) {
    std::optional<Notice> notice;
    if (wanted != "/") notice = Notice{Notice::Kind::kSignInNeeded};
    co_return sign_in_page(context, 200, "", wanted, notice);
  }
  if ((*session)->assurance != Assurance::kSecondFactor) {
    co_return second_factor_page(context, 200, **session, wanted, std::nullopt);
  }
  context.loop.touch(**session, context.now);
  if (wanted != "/") co_return go_to(context, wanted);
  auto page = home_page(context, **session, std::nullopt);
  if (!page) co_return unavailable(context, page.error());
  co_return std::move(*page);
}

Task<Response> sign_in(RequestContext& context) {
  Form form = form_of(context, context.form_cookie);
  const std::string claimed_user = field_of(form.fields, "user").substr(0, 256);
  if (!form.is_ours) {
    co_return sign_in_page(context, 403, "", form.return_to, Notice{Notice::Kind::kFormExpired});
  }
  LoginRun run;
  run.claim = claim_at_portal(claimed_user, context, false);
  run.presented.password = Secret(std::string_view(form.fields["password"]).substr(0, 1024));
  wipe(form.fields["password"]);
  wipe(context.body);
  // Whoever signs in here now ends what was open in this browser (ASVS 7.2.4).
  const auto replaced = context.loop.session(context.session_token, context.now);
  if (!replaced) co_return unavailable(context, replaced.error());
  const std::optional<authn::LiveSession> before =
      *replaced == nullptr ? std::nullopt : std::optional(**replaced);
  std::optional<authn::OpenedSession> opened;
  const Shared& shared = context.loop.shared();
  run.after = [&](store::Store& store, const authn::LoginResult& login) -> Result<void> {
    if (!login.verdict.is_granted()) return {};
    if (before) {
      const auto ended = authn::end_session(store, owner_of(*before), before->id, "signed in again",
                                            context.client.text(), shared.clock.now());
      if (!ended) return fail(ended.error());
    }
    auto session = authn::open_session(store, shared.random, shared.policy.session, login,
                                       context.client.text(), std::nullopt, shared.clock.now());
    if (!session) return fail(session.error());
    opened = std::move(*session);
    return {};
  };
  const auto result = co_await run_login(context.loop, run);
  if (!result) co_return unavailable(context, result.error());
  if (!result->verdict.is_granted()) {
    const Refusal refusal = refusal_of(result->verdict, authn::Factor::kPassword, context.now);
    Response response =
        sign_in_page(context, refusal.status, claimed_user, form.return_to, refusal.notice);
    add_wait(response, refusal);
    co_return response;
  }
  Response response;
  response.status = 303;
  response.add("Location", form.return_to == "/" ? "/" : "/?rd=" + percent_encoded(form.return_to))
      .add("Cache-Control", "no-store")
      .add("Set-Cookie", session_cookie(*context.site, opened->token.reveal_text()));
  co_return response;
}

Task<Response> try_code(RequestContext& context) {
  return try_second_factor(context, authn::Factor::kTotp, "code");
}

Task<Response> try_recovery_code(RequestContext& context) {
  return try_second_factor(context, authn::Factor::kRecovery, "recovery_code");
}

Task<Response> sign_out(RequestContext& context) {
  const auto session = context.loop.session(context.session_token, context.now);
  if (!session) co_return unavailable(context, session.error());
  if (*session != nullptr) {
    const Form form = form_of(context, context.session_token);
    if (!form.is_ours) co_return problem_page(context, 403);
    const Shared& shared = context.loop.shared();
    const store::SessionId id = (*session)->id;
    const store::User user = owner_of(**session);
    const store::CommitLane::Job end = [&](store::Store& store) -> Result<void> {
      const auto ended = authn::end_session(store, user, id, "signed out", context.client.text(),
                                            shared.clock.now());
      return ended ? Result<void>() : fail(ended.error());
    };
    const auto done = co_await context.loop.commit(end);
    if (!done) co_return unavailable(context, done.error());
  }
  Response response = signed_out_page(context);
  response.add("Set-Cookie", ended_session_cookie(*context.site));
  co_return response;
}

Task<Response> end_one_session(RequestContext& context) {
  const auto session = context.loop.session(context.session_token, context.now);
  if (!session) co_return unavailable(context, session.error());
  if (*session == nullptr || (*session)->assurance != Assurance::kSecondFactor) {
    co_return sign_in_page(context, 401, "", "/", Notice{Notice::Kind::kSignInExpired});
  }
  Form form = form_of(context, context.session_token);
  if (!form.is_ours) co_return problem_page(context, 403);
  const auto number = parse_unsigned(form.fields["session"]);
  if (!number || *number > static_cast<unsigned long long>(INT64_MAX)) {
    co_return problem_page(context, 400);
  }
  const store::SessionId wanted{static_cast<std::int64_t>(*number)};
  const bool is_own = wanted == (*session)->id;
  const store::User user = owner_of(**session);
  const Shared& shared = context.loop.shared();
  const store::CommitLane::Job end = [&](store::Store& store) -> Result<void> {
    const auto ended = authn::end_session(store, user, wanted, "ended by user",
                                          context.client.text(), shared.clock.now());
    return ended ? Result<void>() : fail(ended.error());
  };
  const auto done = co_await context.loop.commit(end);
  if (!done) co_return unavailable(context, done.error());
  if (is_own) {
    Response response = signed_out_page(context);
    response.add("Set-Cookie", ended_session_cookie(*context.site));
    co_return response;
  }
  const auto still = context.loop.session(context.session_token, context.now);
  if (!still) co_return unavailable(context, still.error());
  if (*still == nullptr) co_return go_to(context, "/");
  auto page = home_page(context, **still, Notice{Notice::Kind::kSessionEndedByUser});
  if (!page) co_return unavailable(context, page.error());
  co_return std::move(*page);
}

Task<Response> send_asset(RequestContext& context) {
  const pages::Asset* asset = pages::find_asset(context.path);
  if (asset == nullptr) co_return problem_page(context, 404);
  Response response;
  response.add("Content-Type", asset->content_type)
      .add("Cache-Control", pages::kAssetCacheControl)
      .add("X-Content-Type-Options", "nosniff");
  response.body = asset->bytes;
  co_return response;
}

}  // namespace sekisho::gateway
