// What an administrator may write after pam_sekisho.so in a PAM configuration.
//
//   socket=PATH       the agent's socket; default /run/sekisho/agent.sock
//   timeout=SECONDS   how long one answer of the agent may take, 1 to 300; default 20.  The agent
//                     gives a question up after 15: with less, a code may be spent in vain.  While
//                     a security key is waited for, the agent asks for more, at most 300
//   lang=ja|en        the language, whatever the session's locale says
//   first_pass=use    a password an earlier module asked for (PAM_AUTHTOK) answers the password
//                     prompt; the default, ignore, asks again
//   nodelay           do not ask the application for two seconds of delay after a refusal
//   debug             log the steps of a conversation
//
// Anything else is an error and the module refuses everybody: a misspelt option must not weaken
// what the administrator meant.  There is no option that lets anybody pass.

#ifndef SEKISHO_PAM_MODULE_MODULE_OPTIONS_H_
#define SEKISHO_PAM_MODULE_MODULE_OPTIONS_H_

#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "protocol/language.h"

namespace sekisho::pam {

struct ModuleOptions {
  enum class FirstPass { kIgnore, kUse };

  std::string socket = "/run/sekisho/agent.sock";
  std::chrono::seconds timeout{20};
  std::optional<conversation::Language> language;
  FirstPass first_pass = FirstPass::kIgnore;
  bool delays_refusals = true;
  bool debug = false;
};

// kInvalid names the argument that is not an option or has an impossible value.
Result<ModuleOptions> parse_options(std::span<const char* const> arguments);

}  // namespace sekisho::pam

#endif  // SEKISHO_PAM_MODULE_MODULE_OPTIONS_H_
