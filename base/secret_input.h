// Secrets that a person types or a script pipes in.  Never from the command line, where every
// user of the machine could read them.

#ifndef SEKISHO_BASE_SECRET_INPUT_H_
#define SEKISHO_BASE_SECRET_INPUT_H_

#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace sekisho {

// The longest line that is read, in bytes.
inline constexpr std::size_t kSecretLineLimit = 4096;

// One line of standard input, without its end.  kInvalid when it is empty or too long.
Result<Secret> secret_from_stdin();

// Asks on the terminal (/dev/tty) without showing what is typed.  kUnavailable when there is no
// terminal (`without_terminal` then says what to do instead) or the person gave up (Ctrl-C, Ctrl-D,
// empty line).
Result<Secret> secret_from_terminal(std::string_view prompt, std::string_view without_terminal);

}  // namespace sekisho

#endif  // SEKISHO_BASE_SECRET_INPUT_H_
