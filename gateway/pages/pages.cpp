#include "gateway/pages/pages.h"

#include <array>
#include <initializer_list>
#include <utility>

#include "base/text.h"
#include "gateway/pages/assets.h"
#include "gateway/pages/japan_time.h"
#include "gateway/pages/messages.h"
#include "gateway/pages/page_templates.h"

namespace sekisho::pages {
namespace {

using kainjow::mustache::data;

// The one way a value gets into a page; the template escapes it for HTML.
data text(std::string_view value) {
  return data(printable(value));
}

data flag(bool value) {
  return data(value ? data::type::bool_true : data::type::bool_false);
}

data nothing() {
  return flag(false);
}

data section(std::initializer_list<std::pair<const char*, data>> members) {
  data object(data::type::object);
  for (const auto& [name, value] : members) object.set(name, value);
  return object;
}

// A section with `value` as its {{text}}, left out when `value` is empty.
data optional_text(std::string_view value) {
  return value.empty() ? nothing() : section({{"text", text(value)}});
}

std::string_view asset_path(std::string_view name) {
  for (const Asset& asset : assets()) {
    if (asset.name == name) return asset.path;
  }
  return {};
}

enum class Outcome { kFine, kFailed };

// What layout.mustache needs.  `layout` names the arrangement in portal.css.
data frame(const Page& page, std::string_view layout, std::string_view title, Outcome outcome) {
  return section({{"lang", text(code_of(page.language))},
                  {"organization", text(page.organization)},
                  {"portal", text(page.portal_origin)},
                  {"layout", text(layout)},
                  {"title", text(title)},
                  {"failed", flag(outcome == Outcome::kFailed)},
                  {"asset_css", text(asset_path("portal.css"))},
                  {"asset_mark", text(asset_path("mark.svg"))},
                  {"account", nothing()}});
}

void add_guard(data& page, const FormGuard& guard) {
  page.set("csrf_token", text(guard.csrf_token));
  page.set("return_to", text(guard.return_to));
}

std::string notice_text(const Notice& notice, Language language) {
  using Kind = Notice::Kind;
  const auto plain = [language](Message message) {
    return std::string(text_of(message, language));
  };
  switch (notice.kind) {
    case Kind::kWrongPassword:
      return plain(Message("notice_wrong_password"));
    case Kind::kWrongCode:
      return plain(Message("notice_wrong_code"));
    case Kind::kWrongRecoveryCode:
      return plain(Message("notice_wrong_recovery_code"));
    case Kind::kCodeUsed:
      return plain(Message("notice_code_used"));
    case Kind::kLocked:
      return fill(Message("notice_locked"), language,
                  {{"until", near_time(notice.until, language)}});
    case Kind::kDisabled:
      return plain(Message("notice_disabled"));
    case Kind::kTooManyTries:
      return fill(Message("notice_too_many_tries"), language,
                  {{"seconds", std::to_string(notice.wait.count())}});
    case Kind::kNoSecondFactor:
      return plain(Message("notice_no_second_factor"));
    case Kind::kFactorExpired:
      return plain(Message("notice_factor_expired"));
    case Kind::kSignInExpired:
      return plain(Message("notice_sign_in_expired"));
    case Kind::kFormExpired:
      return plain(Message("notice_form_expired"));
    case Kind::kUnavailable:
      return plain(Message("notice_unavailable"));
    case Kind::kSignInNeeded:
      return plain(Message("notice_sign_in_needed"));
    case Kind::kFreshFactorNeeded:
      return plain(Message("notice_fresh_factor_needed"));
    case Kind::kIdle:
      return plain(Message("notice_idle"));
    case Kind::kSessionOver:
      return plain(Message("notice_session_over"));
    case Kind::kSessionEndedByUser:
      return plain(Message("notice_session_ended"));
  }
  return plain(Message("notice_unavailable"));
}

bool is_refusal(const std::optional<Notice>& notice) {
  return notice && notice->kind < Notice::Kind::kSignInNeeded;
}

bool is_kind(const std::optional<Notice>& notice, std::initializer_list<Notice::Kind> kinds) {
  for (const Notice::Kind kind : kinds) {
    if (notice && notice->kind == kind) return true;
  }
  return false;
}

Outcome outcome_of(const std::optional<Notice>& notice) {
  return is_refusal(notice) ? Outcome::kFailed : Outcome::kFine;
}

void add_notice(data& page, const std::optional<Notice>& notice, Language language) {
  if (!notice) {
    page.set("notice", nothing());
    return;
  }
  const bool refusal = is_refusal(notice);
  page.set("notice", section({{"tone", text(refusal ? "refusal" : "calm")},
                              {"role", text(refusal ? "alert" : "status")},
                              {"text", text(notice_text(*notice, language))}}));
}

data occasion(const std::optional<Occasion>& occasion, Language language) {
  if (!occasion) return nothing();
  return section({{"at", text(date_and_time(occasion->at, language))},
                  {"machine", text(machine_time(occasion->at))},
                  {"from", text(occasion->from)}});
}

bool is_web_address(std::string_view url) {
  return url.starts_with("https://") || url.starts_with("http://");
}

// The sentence on failures: since the last sign-in, or ever.
std::string failures_text(const HomeView& view) {
  const Language language = view.page.language;
  if (view.failures_since == 0) {
    return std::string(view.last_sign_in ? text_of(Message("no_failures"), language)
                                         : text_of(Message("no_failures_ever"), language));
  }
  const std::string count = std::to_string(view.failures_since);
  return view.last_sign_in ? fill(Message("failures"), language, {{"count", count}})
                           : fill(Message("failures_ever"), language, {{"count", count}});
}

data applications_of(const HomeView& view) {
  data list(data::type::list);
  for (const HomeView::Application& application : view.applications) {
    if (!is_web_address(application.url)) continue;
    list.push_back(section({{"name", text(application.name)},
                            {"url", text(application.url)},
                            {"detail", text(application.detail)}}));
  }
  return list;
}

data tokens_of(const HomeView& view) {
  const Language language = view.page.language;
  data list(data::type::list);
  for (const HomeView::TotpCredential& credential : view.totp_credentials) {
    data last_used = nothing();
    if (credential.last_used) {
      last_used = section({{"at", text(date_and_time(*credential.last_used, language))},
                           {"machine", text(machine_time(*credential.last_used))}});
    }
    list.push_back(section({{"label", text(credential.label)},
                            {"confirmed", text(date(credential.confirmed, language))},
                            {"confirmed_machine", text(machine_time(credential.confirmed))},
                            {"last_used", last_used}}));
  }
  return list;
}

data sessions_of(const HomeView& view) {
  const Language language = view.page.language;
  data list(data::type::list);
  for (const HomeView::Session& session : view.sessions) {
    list.push_back(section(
        {{"id", text(session.id)},
         {"from", text(session.from)},
         {"current", flag(session.is_current)},
         {"started", text(near_time(session.started, language))},
         {"started_machine", text(machine_time(session.started))},
         {"seen", text(near_time(session.last_seen, language))},
         {"seen_machine", text(machine_time(session.last_seen))},
         {"end_label", text(fill(Message("end_session"), language, {{"from", session.from}}))}}));
  }
  return list;
}

// What is said about one status.
struct ProblemWords {
  unsigned status;
  Message title;
  Message lead;
  Message next;
};

#define SEKISHO_PROBLEM(status)                                          \
  {                                                                      \
    status, Message("p" #status "_title"), Message("p" #status "_lead"), \
        Message("p" #status "_next")                                     \
  }
constexpr std::array<ProblemWords, 14> kProblems = {{
    SEKISHO_PROBLEM(400),
    SEKISHO_PROBLEM(401),
    SEKISHO_PROBLEM(403),
    SEKISHO_PROBLEM(404),
    SEKISHO_PROBLEM(405),
    SEKISHO_PROBLEM(408),
    SEKISHO_PROBLEM(413),
    SEKISHO_PROBLEM(421),
    SEKISHO_PROBLEM(429),
    SEKISHO_PROBLEM(431),
    SEKISHO_PROBLEM(500),
    SEKISHO_PROBLEM(502),
    SEKISHO_PROBLEM(503),
    SEKISHO_PROBLEM(504),
}};
#undef SEKISHO_PROBLEM

const ProblemWords& words_for(unsigned status) {
  const unsigned fallback = status < 500 ? 400 : 500;
  const ProblemWords* general = &kProblems[0];
  for (const ProblemWords& words : kProblems) {
    if (words.status == status) return words;
    if (words.status == fallback) general = &words;
  }
  return *general;
}

struct ForbiddenWords {
  Message lead;
  Message next;
};

ForbiddenWords words_for(ForbiddenView::Reason reason) {
  switch (reason) {
    case ForbiddenView::Reason::kNetwork:
      return {Message("forbidden_network_lead"), Message("forbidden_network_next")};
    case ForbiddenView::Reason::kHours:
      return {Message("forbidden_hours_lead"), Message("forbidden_hours_next")};
    case ForbiddenView::Reason::kNotPermitted:
      break;
  }
  return {Message("forbidden_not_permitted_lead"), Message("forbidden_not_permitted_next")};
}

}  // namespace

std::string render(const SignInView& view) {
  const Language language = view.page.language;
  data page = frame(view.page, "entrance", text_of(Message("sign_in_title"), language),
                    outcome_of(view.notice));
  add_guard(page, view.form);
  add_notice(page, view.notice, language);
  page.set("destination", view.destination.empty()
                              ? nothing()
                              : optional_text(fill(Message("continuing_to"), language,
                                                   {{"destination", view.destination}})));
  page.set("claimed_user", text(view.claimed_user));
  page.set("has_notice", flag(view.notice.has_value()));
  page.set("user_invalid", flag(is_kind(view.notice, {Notice::Kind::kWrongPassword})));
  page.set("focus_user", flag(view.claimed_user.empty()));
  page.set("focus_password", flag(!view.claimed_user.empty()));
  return render_template(Template::kSignIn, language, page);
}

std::string render(const SecondFactorView& view) {
  const Language language = view.page.language;
  data page = frame(view.page, "entrance", text_of(Message("second_factor_title"), language),
                    outcome_of(view.notice));
  add_guard(page, view.form);
  add_notice(page, view.notice, language);
  page.set("destination", optional_text(view.destination));
  const bool recovery_failed =
      view.offers_recovery && is_kind(view.notice, {Notice::Kind::kWrongRecoveryCode});
  page.set("display_name", text(view.display_name));
  page.set("user", text(view.user));
  page.set("offers_recovery", flag(view.offers_recovery));
  page.set("recovery_open", flag(recovery_failed));
  page.set("code_notice", flag(view.notice.has_value() && !recovery_failed));
  page.set("code_invalid",
           flag(is_kind(view.notice, {Notice::Kind::kWrongCode, Notice::Kind::kCodeUsed})));
  page.set("focus_code", flag(!recovery_failed));
  return render_template(Template::kSecondFactor, language, page);
}

std::string render(const HomeView& view) {
  const Language language = view.page.language;
  data page =
      frame(view.page, "desk", text_of(Message("home_title"), language), outcome_of(view.notice));
  add_guard(page, view.form);
  add_notice(page, view.notice, language);
  page.set("account", flag(true));
  page.set("display_name", text(view.display_name));
  page.set("user", text(view.user));
  page.set("greeting", text(fill(Message("greeting"), language, {{"name", view.display_name}})));
  page.set("last_sign_in", occasion(view.last_sign_in, language));
  page.set("failures", text(failures_text(view)));
  page.set("has_history", flag(view.last_sign_in || view.failures_since > 0));
  page.set("suspicious", flag(view.failures_since > 0));
  page.set("last_failure",
           view.failures_since > 0 ? occasion(view.last_failure, language) : nothing());
  const data applications = applications_of(view);
  page.set("has_applications", flag(!applications.is_empty_list()));
  page.set("applications", applications);
  page.set("tokens", tokens_of(view));
  page.set("recovery_left", text(fill(Message("recovery_left"), language,
                                      {{"count", std::to_string(view.recovery_codes_left)}})));
  page.set("recovery_none", flag(view.recovery_codes_left == 0));
  page.set("recovery_low", flag(view.recovery_codes_left > 0 && view.recovery_codes_left <= 3));
  page.set("sessions", sessions_of(view));
  return render_template(Template::kHome, language, page);
}

std::string render(const SignedOutView& view) {
  using Reason = SignedOutView::Reason;
  const Language language = view.page.language;
  std::string_view title = text_of(Message("signed_out_title"), language);
  std::string_view lead = text_of(Message("signed_out_lead"), language);
  switch (view.reason) {
    case Reason::kSignedOut:
      break;
    case Reason::kIdle:
      title = text_of(Message("idle_title"), language);
      lead = text_of(Message("idle_lead"), language);
      break;
    case Reason::kSessionOver:
      title = text_of(Message("session_over_title"), language);
      lead = text_of(Message("session_over_lead"), language);
      break;
    case Reason::kEndedElsewhere:
      title = text_of(Message("ended_elsewhere_title"), language);
      lead = text_of(Message("ended_elsewhere_lead"), language);
      break;
  }
  data page = frame(view.page, "entrance", title, Outcome::kFine);
  page.set("lead", text(lead));
  return render_template(Template::kSignedOut, language, page);
}

std::string render(const ProblemView& view) {
  const Language language = view.page.language;
  const ProblemWords& words = words_for(view.status);
  const std::string_view title = text_of(words.title, language);
  data page = frame(view.page, "entrance", title, Outcome::kFailed);
  page.set("status", text(std::to_string(view.status)));
  page.set("lead", text(text_of(words.lead, language)));
  page.set("next", text(text_of(words.next, language)));
  page.set("wait", view.wait.count() > 0
                       ? optional_text(fill(Message("wait_seconds"), language,
                                            {{"seconds", std::to_string(view.wait.count())}}))
                       : nothing());
  page.set("has_facts", flag(!view.reference.empty()));
  page.set("application", nothing());
  page.set("account_name", nothing());
  page.set("reference", optional_text(view.reference));
  return render_template(Template::kProblem, language, page);
}

std::string render(const ForbiddenView& view) {
  const Language language = view.page.language;
  const ForbiddenWords words = words_for(view.reason);
  data page =
      frame(view.page, "entrance", text_of(Message("forbidden_title"), language), Outcome::kFailed);
  page.set("status", text("403"));
  page.set("lead", text(fill(words.lead, language, {{"hours", view.hours}})));
  page.set("next", text(text_of(words.next, language)));
  page.set("wait", nothing());
  page.set("has_facts", flag(true));
  page.set("application", optional_text(view.application));
  page.set("account_name", optional_text(view.display_name));
  page.set("reference", optional_text(view.reference));
  return render_template(Template::kProblem, language, page);
}

}  // namespace sekisho::pages
