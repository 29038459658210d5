// The two steps of a sign-in, and the page after a sign-out.

#include "gateway/pages/messages.h"
#include "gateway/pages/notices.h"
#include "gateway/pages/page_templates.h"

namespace sekisho::pages {

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

}  // namespace sekisho::pages
