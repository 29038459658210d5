#include "gateway/sign_in_handlers.h"

#include "authn/session.h"
#include "base/encoding.h"
#include "gateway/cookies.h"
#include "gateway/key_ceremonies.h"
#include "gateway/login_run.h"
#include "gateway/portal_forms.h"
#include "gateway/return_address.h"

namespace sekisho::gateway {
namespace {

using pages::Notice;

Response signed_in(const RequestContext& context, const std::string& return_to,
                   const authn::LoginResult& login, const authn::OpenedSession& opened) {
  Response response;
  if (login.assurance >= authn::Assurance::kSecondFactor) {
    response = go_to(context, return_to);
  } else {
    response.status = 303;
    response.add("Location", return_to == "/" ? "/" : "/?rd=" + percent_encoded(return_to))
        .add("Cache-Control", "no-store");
  }
  response.add("Set-Cookie", session_cookie(*context.site, opened.token.reveal_text()));
  return response;
}

// Whoever only shows a key has proven nothing: he is not told whose it is, nor what of whom.
Refusal refusal_for(const authn::Verdict& verdict, const LoginRun& run, Instant now) {
  const Refusal refusal =
      refusal_of(verdict, run.presented.second_factor.value_or(authn::Factor::kPassword), now);
  if (!run.presented.key) return refusal;
  switch (verdict.reason) {
    case authn::Reason::kThrottled:
    case authn::Reason::kCeremonyGone:
    case authn::Reason::kKeySuspected:
      return refusal;
    default:
      return {401, {Notice::Kind::kKeyUnknown}};
  }
}

// Judges what the run presents and opens a session, or shows the form again.
Task<Response> open_session_for(RequestContext& context, const Form& form, LoginRun& run) {
  // Whoever signs in here now ends what was open in this browser (ASVS 7.2.4).
  const auto replaced = context.loop.session(context.session_token, context.now);
  if (!replaced) co_return unavailable(context, replaced.error());
  const std::optional<authn::LiveSession> before =
      *replaced == nullptr ? std::nullopt : std::optional(**replaced);
  // By value: the lane's thread must not look at what the view may change.
  const std::optional<store::User> owner = before ? std::optional(user_of(*before)) : std::nullopt;
  std::optional<authn::OpenedSession> opened;
  const Shared& shared = context.loop.shared();
  run.after = [&](store::Store& store, const authn::LoginResult& login) -> Result<void> {
    if (!login.verdict.is_granted()) return {};
    if (before) {
      const auto ended = authn::end_session(store, *owner, before->id, "signed in again",
                                            context.client.text(), shared.clock.now());
      if (!ended) return fail(ended.error());
    }
    auto session = authn::open_session(store, shared.random, shared.policy, login,
                                       context.client.text(), std::nullopt, shared.clock.now());
    if (!session) return fail(session.error());
    opened = std::move(*session);
    return {};
  };
  const auto result = co_await run_login(context.loop, run);
  if (!result) co_return unavailable(context, result.error());
  if (result->verdict.is_granted()) {
    co_return signed_in(context, form.return_to, *result, *opened);
  }
  const Refusal refusal = refusal_for(result->verdict, run, context.now);
  Response response =
      sign_in_page(context, refusal.status, run.claim.claimed_user, form.return_to, refusal.notice);
  add_wait(response, refusal);
  co_return response;
}

}  // namespace

Task<Response> sign_in(RequestContext& context) {
  Form form = form_of(context, context.form_cookie);
  if (!form.is_ours) {
    co_return sign_in_page(context, 403, "", form.return_to, Notice{Notice::Kind::kFormExpired});
  }
  LoginRun run;
  run.claim = claim_at_portal(context, field_of(form.fields, "user").substr(0, 256), "");
  run.presented.password = Secret(std::string_view(form.fields["password"]).substr(0, 1024));
  wipe(form.fields["password"]);
  wipe(context.body);
  co_return co_await open_session_for(context, form, run);
}

Task<Response> sign_in_with_key(RequestContext& context) {
  const Form form = form_of(context, context.form_cookie);
  const auto again = [&](unsigned status, Notice::Kind kind) {
    return sign_in_page(context, status, "", form.return_to, Notice{kind});
  };
  if (!form.is_ours) co_return again(403, Notice::Kind::kFormExpired);
  const auto ticket =
      ticket_of(context, form.fields, authn::KeyCeremony::kSignIn, context.form_cookie, {});
  if (!ticket) co_return again(401, Notice::Kind::kCeremonyExpired);
  LoginRun run;
  run.claim = claim_at_portal(context, "", "");
  run.presented.second_factor = authn::Factor::kSecurityKey;
  run.presented.key = answer_of(context, form.fields, *ticket);
  if (!run.presented.key) co_return again(401, Notice::Kind::kKeyRefused);
  co_return co_await open_session_for(context, form, run);
}

}  // namespace sekisho::gateway
