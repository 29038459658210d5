// The page of whoever is signed in: last sign-in, applications, sessions, second factors.

#include "gateway/pages/japan_time.h"
#include "gateway/pages/messages.h"
#include "gateway/pages/notices.h"
#include "gateway/pages/page_templates.h"

namespace sekisho::pages {
namespace {

// "terminal:zeimu-03" as staff would say it.
std::string place(const std::string& from, Language language) {
  constexpr std::string_view kTerminal = "terminal:";
  if (!from.starts_with(kTerminal)) return from;
  return fill(Message("at_terminal"), language, {{"terminal", from.substr(kTerminal.size())}});
}

data occasion(const std::optional<Occasion>& occasion, Language language) {
  if (!occasion) return nothing();
  return section({{"at", text(date_and_time(occasion->at, language))},
                  {"machine", text(machine_time(occasion->at))},
                  {"from", text(place(occasion->from, language))}});
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

data keys_of(const HomeView& view) {
  const Language language = view.page.language;
  data list(data::type::list);
  unsigned number = 0;
  for (const HomeView::SecurityKey& key : view.security_keys) {
    const auto naming = [&](Message message) {
      return text(fill(message, language, {{"label", key.label}}));
    };
    list.push_back(section({{"id", text(key.id)},
                            {"number", text(std::to_string(++number))},
                            {"label", text(key.label)},
                            {"verifying", flag(key.is_verifying)},
                            {"added", text(date(key.added, language))},
                            {"added_machine", text(machine_time(key.added))},
                            {"last_used", occasion(key.last_used, language)},
                            {"change_label", naming(Message("key_change_which"))},
                            {"rename_label", naming(Message("key_rename_which"))},
                            {"remove_label", naming(Message("key_remove_which"))}}));
  }
  return list;
}

// The keys, the way to one more, and what else proves who someone is.
void add_factors(data& page, const HomeView& view) {
  const bool has_tokens = !view.totp_credentials.empty();
  const std::size_t keys = view.security_keys.size();
  page.set("tokens", tokens_of(view));
  page.set("no_tokens", flag(!has_tokens && keys == 0));
  page.set("keys", keys_of(view));
  page.set("may_add_keys", flag(view.may_add_keys));
  page.set("no_keys", flag(keys == 0));
  page.set("one_key", flag(keys == 1));
  // A recovery code stands in for a token: someone who has only keys need not be warned of none.
  page.set("has_recovery", flag(has_tokens || keys == 0 || view.recovery_codes_left > 0));
  page.set("recovery_left", text(fill(Message("recovery_left"), view.page.language,
                                      {{"count", std::to_string(view.recovery_codes_left)}})));
  page.set("recovery_none", flag(view.recovery_codes_left == 0));
  page.set("recovery_low", flag(view.recovery_codes_left > 0 && view.recovery_codes_left <= 3));
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

}  // namespace

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
  add_factors(page, view);
  page.set("sessions", sessions_of(view));
  return render_template(Template::kHome, language, page);
}

}  // namespace sekisho::pages
