// A new password, typed twice.

#ifndef SEKISHO_CLI_PASSWORD_PROMPT_H_
#define SEKISHO_CLI_PASSWORD_PROMPT_H_

#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace sekisho::cli {

// secret_from_terminal (base/secret_input.h) twice; kInvalid when the two differ.
Result<Secret> new_secret_from_terminal(std::string_view prompt, std::string_view again);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_PASSWORD_PROMPT_H_
