#include "gateway/portal_handlers.h"

#include "authn/session.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/cookies.h"
#include "gateway/key_ceremonies.h"
#include "gateway/login_run.h"
#include "gateway/pages/assets.h"
#include "gateway/portal_forms.h"
#include "gateway/portal_views.h"
#include "gateway/return_address.h"
#include "gateway/routes.h"
#include "gateway/step_up.h"

namespace sekisho::gateway {
namespace {

using authn::Assurance;
using pages::Notice;

// The session that the form of a second step belongs to.
struct Asker {
  authn::LiveSession session;
  Form form;
  Demand demand;  // by where the form leads
};
// Or the answer, when there is none such.
using Asked = std::expected<Asker, Response>;

Result<Asked> asker_of(RequestContext& context) {
  const auto session = context.loop.session(context.session_token, context.now);
  if (!session) return fail(session.error());
  Form form = form_of(context, context.session_token);
  if (*session == nullptr) {
    return Asked(std::unexpected(
        sign_in_page(context, 401, "", form.return_to, Notice{Notice::Kind::kSignInExpired})));
  }
  if (!form.is_ours) {
    auto page = second_factor_page(context, 403, **session, form.return_to,
                                   Notice{Notice::Kind::kFormExpired});
    if (!page) return fail(page.error());
    return Asked(std::unexpected(std::move(*page)));
  }
  const authn::LiveSession current = **session;
  auto keys = keys_of(context, current.user->id);
  if (!keys) return fail(keys.error());
  const Demand demand = demand_of(context, current, form.return_to, *keys);
  // A step that was taken just now, in another tab.
  const auto fresh = context.loop.shared().policy.security_keys.fresh;
  const bool is_done = current.assurance >= Assurance::kSecondFactor && demand.is_met &&
                       context.now < current.created_at + fresh;
  if (is_done) return Asked(std::unexpected(go_to(context, form.return_to)));
  return Asked(Asker{current, std::move(form), demand});
}

// Judges what the run presents and raises the session, or shows the step again.
Task<Response> raise_session(RequestContext& context, const Asker& asker, LoginRun& run) {
  const authn::LiveSession& before = asker.session;
  const authn::Factor factor = *run.presented.second_factor;
  run.claim = claim_at_portal(context, before.user->name, before.factors);
  // To sign in, any second factor will do; what an address asks beyond that is a step of its own.
  if (before.assurance >= Assurance::kSecondFactor && factor != authn::Factor::kEnrolmentCode) {
    run.claim.require = asker.demand.level;
  }
  std::optional<authn::OpenedSession> opened;
  const Shared& shared = context.loop.shared();
  run.after = [&](store::Store& store, const authn::LoginResult& login) -> Result<void> {
    if (!login.verdict.is_granted()) return {};
    auto raised = authn::open_session(store, shared.random, shared.policy, login,
                                      context.client.text(), before.id, shared.clock.now());
    if (!raised) return fail(raised.error());
    opened = std::move(*raised);
    return {};
  };
  const auto result = co_await run_login(context.loop, run);
  if (!result) co_return unavailable(context, result.error());
  if (!result->verdict.is_granted()) {
    const Refusal refusal = refusal_of(result->verdict, factor, context.now);
    auto page =
        second_factor_page(context, refusal.status, before, asker.form.return_to, refusal.notice);
    if (!page) co_return unavailable(context, page.error());
    add_wait(*page, refusal);
    co_return std::move(*page);
  }
  Response response =
      go_to(context, factor == authn::Factor::kEnrolmentCode ? std::string(kAddKeyPath)
                                                             : asker.form.return_to);
  response.add("Set-Cookie", session_cookie(*context.site, opened->token.reveal_text()));
  co_return response;
}

Task<Response> try_typed_code(RequestContext& context, authn::Factor factor, const char* field) {
  auto asker = asker_of(context);
  if (!asker) co_return unavailable(context, asker.error());
  if (!*asker) co_return std::move(asker->error());
  // It is for whoever has nothing else: a session that has proven two factors proves them again.
  const bool is_full =
      (*asker)->session.assurance >= Assurance::kSecondFactor && !(*asker)->demand.takes_enrolment;
  if (factor == authn::Factor::kEnrolmentCode && is_full) co_return go_to(context, kAddKeyPath);
  LoginRun run;
  std::string& typed = (*asker)->form.fields[field];
  run.presented.second_factor = factor;
  run.presented.code = Secret(std::string_view(typed).substr(0, 256));
  wipe(typed);
  co_return co_await raise_session(context, **asker, run);
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
  const authn::LiveSession current = **session;
  if (current.assurance < Assurance::kSecondFactor) {
    auto page = second_factor_page(context, 200, current, wanted, std::nullopt);
    if (!page) co_return unavailable(context, page.error());
    co_return std::move(*page);
  }
  context.loop.touch(**session, context.now);
  // Those two pages ask by themselves.
  const bool is_own_page = wanted == kAddKeyPath || wanted == kKeysPath;
  if (!is_own_page && !demand_of(context, current, wanted, {}).is_met) {
    auto page = step_up_page(context, current, wanted);
    if (!page) co_return unavailable(context, page.error());
    co_return std::move(*page);
  }
  if (wanted != "/") co_return go_to(context, wanted);
  auto page = home_page(context, current, std::nullopt);
  if (!page) co_return unavailable(context, page.error());
  co_return std::move(*page);
}

Task<Response> try_code(RequestContext& context) {
  return try_typed_code(context, authn::Factor::kTotp, "code");
}

Task<Response> try_recovery_code(RequestContext& context) {
  return try_typed_code(context, authn::Factor::kRecovery, "recovery_code");
}

Task<Response> try_enrolment_code(RequestContext& context) {
  return try_typed_code(context, authn::Factor::kEnrolmentCode, "enrolment_code");
}

Task<Response> try_key(RequestContext& context) {
  auto asker = asker_of(context);
  if (!asker) co_return unavailable(context, asker.error());
  if (!*asker) co_return std::move(asker->error());
  const authn::LiveSession& session = (*asker)->session;
  const Form& form = (*asker)->form;
  const auto again = [&](Notice::Kind kind) -> Response {
    auto page = second_factor_page(context, 401, session, form.return_to, Notice{kind});
    return page ? std::move(*page) : unavailable(context, page.error());
  };
  const auto ticket = ticket_of(context, form.fields, authn::KeyCeremony::kSecondFactor,
                                context.session_token, session.user->id);
  if (!ticket) co_return again(Notice::Kind::kCeremonyExpired);
  LoginRun run;
  run.presented.second_factor = authn::Factor::kSecurityKey;
  run.presented.key = answer_of(context, form.fields, *ticket);
  if (!run.presented.key) co_return again(Notice::Kind::kKeyRefused);
  co_return co_await raise_session(context, **asker, run);
}

Task<Response> sign_out(RequestContext& context) {
  const auto session = context.loop.session(context.session_token, context.now);
  if (!session) co_return unavailable(context, session.error());
  if (*session != nullptr) {
    const Form form = form_of(context, context.session_token);
    if (!form.is_ours) co_return problem_page(context, 403);
    const Shared& shared = context.loop.shared();
    const store::SessionId id = (*session)->id;
    const store::User user = user_of(**session);
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
  if (*session == nullptr || (*session)->assurance < Assurance::kSecondFactor) {
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
  const store::User user = user_of(**session);
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

Task<Response> send_reopen_script(RequestContext& context) {
  const pages::Asset* const asset = pages::asset_named("reopen.js");
  if (asset == nullptr) co_return problem_page(context, 404);
  Response response;
  // The address stays while the bytes may change, and pages of other hosts ask for it.
  response.add("Content-Type", asset->content_type)
      .add("Cache-Control", "public, max-age=3600")
      .add("Cross-Origin-Resource-Policy", "cross-origin")
      .add("X-Content-Type-Options", "nosniff");
  response.body = asset->bytes;
  co_return response;
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
