// The agent's words as PAM's: return codes, and the one text that is the module's own.

#ifndef SEKISHO_PAM_MODULE_PAM_STATUS_H_
#define SEKISHO_PAM_MODULE_PAM_STATUS_H_

#include "protocol/conversation.h"
#include "protocol/language.h"

namespace sekisho::pam {

// What the application is told.  Never PAM_IGNORE: a stack in which every module is ignored
// succeeds (CVE-2025-23013 was that).
//
//   kGranted            PAM_SUCCESS
//   kDenied             PAM_AUTH_ERR           unknown users too
//   kMaxTries           PAM_MAXTRIES           sshd ends the connection on it
//   kUnavailable        PAM_AUTHINFO_UNAVAIL
//   kConversationError  PAM_CONV_ERR
//   kNotEntitled        PAM_CRED_INSUFFICIENT
int pam_code(conversation::Status status);

// Said when the agent cannot be reached, so that nobody searches for a wrong code.
const char* agent_unreachable_text(conversation::Language language);

}  // namespace sekisho::pam

#endif  // SEKISHO_PAM_MODULE_PAM_STATUS_H_
