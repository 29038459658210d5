#include "pam_module/pam_status.h"

#include <security/pam_appl.h>

namespace sekisho::pam {

int pam_code(conversation::Status status) {
  using conversation::Status;
  switch (status) {
    case Status::kGranted:
      return PAM_SUCCESS;
    case Status::kDenied:
      return PAM_AUTH_ERR;
    case Status::kMaxTries:
      return PAM_MAXTRIES;
    case Status::kUnavailable:
      return PAM_AUTHINFO_UNAVAIL;
    case Status::kConversationError:
      return PAM_CONV_ERR;
    case Status::kNotEntitled:
      return PAM_CRED_INSUFFICIENT;
  }
  return PAM_SERVICE_ERR;
}

const char* agent_unreachable_text(conversation::Language language) {
  return language == conversation::Language::kJapanese
             ? "この端末の認証サービスに接続できません。情報システム担当に連絡してください。"
             : "The authentication service of this terminal cannot be reached. "
               "Please tell your administrator.";
}

}  // namespace sekisho::pam
