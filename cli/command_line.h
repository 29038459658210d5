// The administrator's command as a whole: reads the command line, finds the row of the table
// (commands.h), runs it, and turns what came back into words and an exit code.

#ifndef SEKISHO_CLI_COMMAND_LINE_H_
#define SEKISHO_CLI_COMMAND_LINE_H_

#include "authn/factors/security_key.h"

namespace sekisho::cli {

// As main is called; `keys` are those that people plug in at the desk.
int run_command_line(int count, const char* const* values, authn::SecurityKeys& keys);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_COMMAND_LINE_H_
