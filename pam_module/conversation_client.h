// The module's whole work: carry texts between PAM and the agent until the agent says how it ends.
//
// It decides nothing and keeps nothing.  Whatever goes wrong ends in a PAM code that refuses, and
// a person who could not be asked is told apart from one who answered wrongly.

#ifndef SEKISHO_PAM_MODULE_CONVERSATION_CLIENT_H_
#define SEKISHO_PAM_MODULE_CONVERSATION_CLIENT_H_

#include "pam_module/module_options.h"
#include "pam_module/pam_host.h"

namespace sekisho::pam {

// Authenticates the host's user.  Returns the PAM code for the application, PAM_SUCCESS only when
// the agent said granted.  `flags` are pam_sm_authenticate's: PAM_SILENT keeps every text but the
// prompts back; PAM_DISALLOW_NULL_AUTHTOK changes nothing, because nobody passes without a factor.
int authenticate(PamHost& host, const ModuleOptions& options, int flags);

}  // namespace sekisho::pam

#endif  // SEKISHO_PAM_MODULE_CONVERSATION_CLIENT_H_
