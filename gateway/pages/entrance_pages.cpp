// The two steps of a sign-in, and the page after a sign-out.

#include "gateway/pages/messages.h"
#include "gateway/pages/notices.h"
#include "gateway/pages/page_templates.h"

namespace sekisho::pages {
namespace {

// What to do without the factor that is asked for, where no form of the page answers that.
data help_of(const SecondFactorView& view) {
  const Language language = view.page.language;
  if (view.offers_code) {
    return view.offers_recovery ? nothing()
                                : optional_text(text_of(Message("no_recovery_help"), language));
  }
  // That notice says the same.
  if (view.offers_enrolment || is_kind(view.notice, {Notice::Kind::kNoSecondFactor})) {
    return nothing();
  }
  return optional_text(
      text_of(view.key ? Message("key_lost_help") : Message("no_key_help"), language));
}

}  // namespace

std::string render(const SignInView& view) {
  const Language language = view.page.language;
  data page = frame(view.page, "entrance", text_of(Message("sign_in_title"), language),
                    outcome_of(view.notice));
  add_guard(page, view.form);
  add_notice(page, view.notice, language);
  add_ceremony(page, view.key);
  page.set("destination", view.destination.empty()
                              ? nothing()
                              : optional_text(fill(Message("continuing_to"), language,
                                                   {{"destination", view.destination}})));
  page.set("claimed_user", text(view.claimed_user));
  // A refused key speaks beside its button, where the script leads the focus.
  const bool key_refused = view.key && is_about_key(view.notice);
  page.set("key_refused", flag(key_refused));
  page.set("notice_above", flag(view.notice && !key_refused));
  page.set("user_invalid", flag(is_kind(view.notice, {Notice::Kind::kWrongPassword})));
  page.set("focus_user", flag(view.claimed_user.empty()));
  page.set("focus_password", flag(!view.claimed_user.empty()));
  return render_template(Template::kSignIn, language, page);
}

std::string render(const SecondFactorView& view) {
  using Kind = Notice::Kind;
  const Language language = view.page.language;
  const bool offers_recovery = view.offers_code && view.offers_recovery;
  const bool asks_only_code = view.offers_code && !view.key;
  data page = frame(
      view.page, "entrance",
      text_of(asks_only_code ? Message("second_factor_title") : Message("confirm_title"), language),
      outcome_of(view.notice));
  add_guard(page, view.form);
  add_notice(page, view.notice, language);
  add_ceremony(page, view.key);
  page.set("destination", optional_text(view.destination));
  page.set("display_name", text(view.display_name));
  page.set("user", text(view.user));
  page.set("has_key", flag(view.key.has_value()));
  page.set("offers_code", flag(view.offers_code));
  page.set("offers_recovery", flag(offers_recovery));
  page.set("offers_enrolment", flag(view.offers_enrolment));
  page.set("help", help_of(view));

  // A folded form that was refused opens and speaks; any other notice stands above the forms.
  const bool recovery_failed = offers_recovery && is_kind(view.notice, {Kind::kWrongRecoveryCode});
  const bool enrolment_failed =
      view.offers_enrolment && is_kind(view.notice, {Kind::kWrongEnrolmentCode});
  const bool notice_above = view.notice && !recovery_failed && !enrolment_failed;
  const bool only_enrolment = view.offers_enrolment && !view.key && !view.offers_code;
  page.set("recovery_open", flag(recovery_failed));
  page.set("enrolment_open", flag(enrolment_failed || only_enrolment));
  page.set("enrolment_failed", flag(enrolment_failed));
  page.set("enrolment_notice", flag(enrolment_failed || (only_enrolment && notice_above)));
  page.set("notice_above", flag(notice_above));

  // The key comes first, except to someone who has just used the code.  The script moves the focus
  // to the key; where it cannot run, the code has it.
  const bool code_refused = is_kind(view.notice, {Kind::kWrongCode, Kind::kCodeUsed});
  const bool fold_refused = recovery_failed || enrolment_failed;
  page.set("code_invalid", flag(code_refused));
  page.set("focus_code", flag(!fold_refused));
  page.set("focus_key", flag(!fold_refused && !(view.offers_code && code_refused)));
  page.set("focus_enrolment", flag(enrolment_failed || only_enrolment));
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
