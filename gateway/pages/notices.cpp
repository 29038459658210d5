#include "gateway/pages/notices.h"

#include <string>

#include "gateway/pages/japan_time.h"
#include "gateway/pages/messages.h"

namespace sekisho::pages {
namespace {

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
    case Kind::kKeyRefused:
      return plain(Message("notice_key_refused"));
    case Kind::kKeyUnknown:
      return plain(Message("notice_key_unknown"));
    case Kind::kKeyNotVerified:
      return plain(Message("notice_key_not_verified"));
    case Kind::kKeySuspected:
      return plain(Message("notice_key_suspected"));
    case Kind::kKeyTaken:
      return plain(Message("notice_key_taken"));
    case Kind::kKeyModelRefused:
      return plain(Message("notice_key_model_refused"));
    case Kind::kKeySyncable:
      return plain(Message("notice_key_syncable"));
    case Kind::kWrongEnrolmentCode:
      return plain(Message("notice_wrong_enrolment_code"));
    case Kind::kLastSecondFactor:
      return plain(Message("notice_last_second_factor"));
    case Kind::kCeremonyExpired:
      return plain(Message("notice_ceremony_expired"));
    case Kind::kFormExpired:
      return plain(Message("notice_form_expired"));
    case Kind::kUnavailable:
      return plain(Message("notice_unavailable"));
    case Kind::kSignInNeeded:
      return plain(Message("notice_sign_in_needed"));
    case Kind::kFreshFactorNeeded:
      return plain(Message("notice_fresh_factor_needed"));
    case Kind::kKeyNeeded:
      return plain(Message("notice_key_needed"));
    case Kind::kEnrolmentNeeded:
      return plain(Message("notice_enrolment_needed"));
    case Kind::kEnrolmentReady:
      return plain(Message("notice_enrolment_ready"));
    case Kind::kKeyAdded:
      return plain(Message("notice_key_added"));
    case Kind::kKeyRemoved:
      return plain(Message("notice_key_removed"));
    case Kind::kKeyRenamed:
      return plain(Message("notice_key_renamed"));
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

}  // namespace

bool is_kind(const std::optional<Notice>& notice, std::initializer_list<Notice::Kind> kinds) {
  for (const Notice::Kind kind : kinds) {
    if (notice && notice->kind == kind) return true;
  }
  return false;
}

bool is_about_key(const std::optional<Notice>& notice) {
  using Kind = Notice::Kind;
  return is_kind(notice, {Kind::kKeyRefused, Kind::kKeyUnknown, Kind::kKeyNotVerified,
                          Kind::kKeySuspected, Kind::kKeyTaken, Kind::kKeyModelRefused,
                          Kind::kKeySyncable, Kind::kCeremonyExpired});
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

}  // namespace sekisho::pages
