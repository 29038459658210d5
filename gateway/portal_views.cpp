#include "gateway/portal_views.h"

#include "authn/session.h"
#include "base/encoding.h"
#include "gateway/cookies.h"
#include "gateway/return_address.h"

namespace sekisho::gateway {
namespace {

using pages::Notice;

// A lock that ends within this is told as a wait, a longer one with its end time.
constexpr std::chrono::seconds kShortWait{90};

Response page_response(unsigned status, std::string body, std::string_view return_to) {
  Response response;
  response.status = status;
  response.add("Content-Type", pages::kHtmlContentType)
      .add("Content-Security-Policy", pages::content_security_policy("", return_to))
      .add("X-Content-Type-Options", "nosniff")
      .add("X-Frame-Options", "DENY")
      .add("Referrer-Policy", "same-origin")
      .add("Cross-Origin-Opener-Policy", "same-origin")
      .add("Vary", "Accept-Language")
      .add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

// Where a browser finds an application: behind the built-in proxy it shares the portal's port.
std::string address_of(const Site& site, const settings::ApplicationEntry& entry) {
  const std::string& portal = site.settings.portal_url;
  const std::size_t port = portal.rfind(':');
  const bool has_port = port > std::string_view("https").size();
  std::string address = "https://" + entry.application.host;
  if (entry.upstream && has_port) address += portal.substr(port);
  return address + "/";
}

}  // namespace

pages::Page page_for(const RequestContext& context) {
  return {pages::language_from(context.accept_language), context.site->settings.organization, ""};
}

Response sign_in_page(RequestContext& context, unsigned status, std::string_view claimed_user,
                      std::string_view return_to, std::optional<Notice> notice) {
  const bool is_new = !authn::token_hash(context.form_cookie);
  if (is_new) context.form_cookie = base64url_of(context.loop.shared().random.bytes(32));
  pages::SignInView view;
  view.page = page_for(context);
  view.form = {authn::form_token(context.form_cookie), std::string(return_to)};
  view.claimed_user = claimed_user;
  view.destination = destination_of(*context.site, return_to);
  view.notice = notice;
  Response response = page_response(status, pages::render(view), return_to);
  if (is_new) response.add("Set-Cookie", form_cookie(context.form_cookie));
  return response;
}

Response second_factor_page(const RequestContext& context, unsigned status,
                            const authn::LiveSession& session, std::string_view return_to,
                            std::optional<Notice> notice) {
  pages::SecondFactorView view;
  view.page = page_for(context);
  view.form = {authn::form_token(context.session_token), std::string(return_to)};
  view.display_name = session.user->display_name;
  view.user = session.user->name;
  view.destination = destination_of(*context.site, return_to);
  view.notice = notice;
  return page_response(status, pages::render(view), return_to);
}

Result<Response> home_page(RequestContext& context, authn::LiveSession session,
                           std::optional<Notice> notice) {
  const auto live = context.loop.view(context.now);
  if (!live) return fail(live.error());
  store::Store& store = (*live)->store();
  const auto row = store.sessions().find(session.id);
  if (!row) return fail(row.error());
  const auto credentials = store.totp_credentials().list(session.user->id);
  if (!credentials) return fail(credentials.error());
  const auto codes_left = store.recovery_codes().remaining(session.user->id);
  if (!codes_left) return fail(codes_left.error());
  const auto sessions = store.sessions().live_of(session.user->id, context.now);
  if (!sessions) return fail(sessions.error());

  pages::HomeView view;
  view.page = page_for(context);
  view.form = {authn::form_token(context.session_token), "/"};
  view.display_name = session.user->display_name;
  view.user = session.user->name;
  view.notice = notice;
  if (*row && (*row)->previous_login_at) {
    view.last_sign_in = {*(*row)->previous_login_at, (*row)->previous_login_from};
  }
  if (*row) view.failures_since = static_cast<unsigned>((*row)->failures_before);
  for (const auto& entry : context.site->settings.applications) {
    const auto decision = context.site->rules.decide(
        entry.application,
        {"/", context.client, context.now, &session.user->groups, session.assurance});
    if (decision.outcome != authn::AccessOutcome::kAllowed) continue;
    view.applications.push_back(
        {entry.title, address_of(*context.site, entry), entry.application.host});
  }
  for (const store::TotpCredential& credential : *credentials) {
    if (!credential.confirmed_at) continue;
    view.totp_credentials.push_back(
        {credential.label, *credential.confirmed_at, credential.last_used_at});
  }
  view.recovery_codes_left = static_cast<unsigned>(*codes_left);
  for (const store::Session& other : *sessions) {
    if (other.assurance != static_cast<int>(authn::Assurance::kSecondFactor)) continue;
    view.sessions.push_back({std::to_string(other.id.value), other.created_at, other.last_seen_at,
                             other.source, other.id == session.id});
  }
  return page_response(200, pages::render(view), "/");
}

Response signed_out_page(const RequestContext& context) {
  pages::SignedOutView view;
  view.page = page_for(context);
  return page_response(200, pages::render(view), "/");
}

Response go_to(const RequestContext& context, std::string_view return_to) {
  Response response;
  response.status = 303;
  response.add("Location", safe_return_address(*context.site, return_to))
      .add("Cache-Control", "no-store");
  return response;
}

Refusal refusal_of(const authn::Verdict& verdict, authn::Factor factor, Instant now) {
  using authn::Reason;
  switch (verdict.reason) {
    case Reason::kThrottled: {
      const auto wait =
          std::chrono::ceil<std::chrono::seconds>(verdict.retry_at.value_or(now) - now);
      if (wait <= kShortWait) return {429, {Notice::Kind::kTooManyTries, {}, wait}};
      return {429, {Notice::Kind::kLocked, *verdict.retry_at, wait}};
    }
    case Reason::kFactorDisabled:
      return {429, {Notice::Kind::kDisabled}};
    case Reason::kCodeUsed:
      return {401, {Notice::Kind::kCodeUsed}};
    case Reason::kNoCredential:
      return {401, {Notice::Kind::kNoSecondFactor}};
    case Reason::kWrongCode:
      return {401,
              {factor == authn::Factor::kRecovery ? Notice::Kind::kWrongRecoveryCode
                                                  : Notice::Kind::kWrongCode}};
    default:
      break;
  }
  // Before the first factor is proven, every other reason has the same words (ASVS 6.3.8).
  return {401,
          {factor == authn::Factor::kPassword ? Notice::Kind::kWrongPassword
                                              : Notice::Kind::kWrongCode}};
}

}  // namespace sekisho::gateway
