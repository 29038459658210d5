// Secrets that a person types or a script pipes in.  Never from the command line, where every
// user of the machine could read them.

#ifndef SEKISHO_CLI_PASSWORD_PROMPT_H_
#define SEKISHO_CLI_PASSWORD_PROMPT_H_

#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace sekisho::cli {

// The longest line that is read, in bytes.
inline constexpr std::size_t kSecretLineLimit = 4096;

// One line of standard input, without its end.  kInvalid when it is empty or too long.
Result<Secret> secret_from_stdin();

// Asks on the terminal (/dev/tty) without showing what is typed.  kUnavailable when there is no
// terminal (`without_terminal` then says what to do instead) or the person gave up (Ctrl-C, Ctrl-D,
// empty line).
Result<Secret> secret_from_terminal(std::string_view prompt, std::string_view without_terminal);

// The same twice; kInvalid when the two differ.
Result<Secret> new_secret_from_terminal(std::string_view prompt, std::string_view again);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_PASSWORD_PROMPT_H_
