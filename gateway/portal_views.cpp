#include "gateway/portal_views.h"

#include "authn/session.h"
#include "base/encoding.h"
#include "gateway/cookies.h"
#include "gateway/key_ceremonies.h"
#include "gateway/return_address.h"
#include "gateway/step_up.h"

namespace sekisho::gateway {
namespace {

using authn::Assurance;
using pages::Notice;

// A lock that ends within this is told as a wait, a longer one with its end time.
constexpr std::chrono::seconds kShortWait{90};

Response page_response(unsigned status, std::string body, std::string_view return_to,
                       pages::Scripts scripts = pages::Scripts::kNone) {
  Response response;
  response.status = status;
  response.add("Content-Type", pages::kHtmlContentType)
      .add("Content-Security-Policy", pages::content_security_policy("", return_to, scripts))
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
  if (!entry.upstreams.empty() && has_port) address += portal.substr(port);
  return address + "/";
}

// Every page of a ceremony runs our own script, and no other page any.
pages::Scripts scripts_for(const std::optional<pages::KeyCeremony>& ceremony) {
  return ceremony ? pages::Scripts::kOwn : pages::Scripts::kNone;
}

Notice::Kind wrong_code_notice(authn::Factor factor) {
  switch (factor) {
    case authn::Factor::kRecovery:
      return Notice::Kind::kWrongRecoveryCode;
    case authn::Factor::kEnrolmentCode:
      return Notice::Kind::kWrongEnrolmentCode;
    default:
      return Notice::Kind::kWrongCode;
  }
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
  if (context.loop.shared().policy.security_keys.allows_passwordless) {
    view.key = sign_in_ceremony(context);
  }
  Response response = page_response(status, pages::render(view), return_to, scripts_for(view.key));
  if (is_new) response.add("Set-Cookie", form_cookie(context.form_cookie));
  return response;
}

Result<Response> second_factor_page(RequestContext& context, unsigned status,
                                    const authn::LiveSession& session, std::string_view return_to,
                                    std::optional<Notice> notice) {
  const authn::LiveSession current = session;  // reading refreshes the view
  const auto keys = keys_of(context, current.user->id);
  if (!keys) return fail(keys.error());
  const Demand demand = demand_of(context, current, return_to, *keys);
  const Assurance wanted = demand.level;
  const bool is_pending = current.assurance < Assurance::kSecondFactor;

  pages::SecondFactorView view;
  view.page = page_for(context);
  view.form = {authn::form_token(context.session_token), std::string(return_to)};
  view.display_name = current.user->display_name;
  view.user = current.user->name;
  view.offers_code = is_pending || wanted < Assurance::kSecurityKey;
  view.offers_enrolment = is_pending || demand.takes_enrolment;
  if (!keys->empty()) view.key = second_factor_ceremony(context, current, *keys, wanted);
  view.destination = destination_of(*context.site, return_to);
  view.notice = notice;
  return page_response(status, pages::render(view), return_to, scripts_for(view.key));
}

Result<Response> add_key_page(RequestContext& context, unsigned status,
                              const authn::LiveSession& session, ByteView handle,
                              std::string_view claimed_label, std::optional<Notice> notice) {
  const authn::LiveSession current = session;
  const auto keys = keys_of(context, current.user->id);
  if (!keys) return fail(keys.error());
  pages::AddKeyView view;
  view.page = page_for(context);
  view.form = {authn::form_token(context.session_token), "/"};
  view.key = registration_ceremony(context, current, *keys, handle);
  view.display_name = current.user->display_name;
  view.user = current.user->name;
  view.keys_so_far = static_cast<unsigned>(keys->size());
  view.claimed_label = claimed_label;
  view.notice = notice;
  return page_response(status, pages::render(view), "/", pages::Scripts::kOwn);
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
        entry.application, session.request("/", context.client, context.now));
    // One that asks for another factor first is open to the person all the same.
    const bool is_open = decision.rule != nullptr && !decision.rule->is_refusal;
    if (!is_open) continue;
    view.applications.push_back(
        {entry.title, address_of(*context.site, entry), entry.application.host});
  }
  for (const store::TotpCredential& credential : *credentials) {
    if (!credential.confirmed_at) continue;
    view.totp_credentials.push_back(
        {credential.label, *credential.confirmed_at, credential.last_used_at});
  }
  const auto keys = store.security_keys().list(session.user->id);
  if (!keys) return fail(keys.error());
  for (const store::SecurityKey& key : *keys) {
    pages::HomeView::SecurityKey shown{
        std::to_string(key.id.value), key.label, key.added_at, {}, key.is_verifying};
    if (key.last_used_at) shown.last_used = {*key.last_used_at, key.last_used_from};
    view.security_keys.push_back(std::move(shown));
  }
  view.may_add_keys =
      keys->size() < static_cast<std::size_t>(context.loop.shared().policy.security_keys.keys_most);
  view.recovery_codes_left = static_cast<unsigned>(*codes_left);
  for (const store::Session& other : *sessions) {
    if (other.assurance < static_cast<int>(Assurance::kSecondFactor)) continue;
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
      return {401, {wrong_code_notice(factor)}};
    case Reason::kCeremonyGone:
      return {401, {Notice::Kind::kCeremonyExpired}};
    case Reason::kKeyUnknown:
      return {401, {Notice::Kind::kKeyUnknown}};
    case Reason::kKeyRefused:
      return {401, {Notice::Kind::kKeyRefused}};
    case Reason::kKeyNotVerified:
      return {401, {Notice::Kind::kKeyNotVerified}};
    case Reason::kKeyModelRefused:
      return {401, {Notice::Kind::kKeyModelRefused}};
    case Reason::kKeySuspected:
      return {401, {Notice::Kind::kKeySuspected}};
    case Reason::kNotEnough:
      return {401, {Notice::Kind::kKeyNeeded}};
    default:
      break;
  }
  // Before the first factor is proven, every other reason has the same words (ASVS 6.3.8).
  return {401,
          {factor == authn::Factor::kPassword ? Notice::Kind::kWrongPassword
                                              : Notice::Kind::kWrongCode}};
}

}  // namespace sekisho::gateway
