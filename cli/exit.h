// What the exit code of `sekisho` tells a script.

#ifndef SEKISHO_CLI_EXIT_H_
#define SEKISHO_CLI_EXIT_H_

#include "base/error.h"
#include "cli/language.h"

namespace sekisho::cli {

enum class Exit {
  kDone = 0,
  kRefused = 1,       // the input is not acceptable, or what was examined is not in order
  kUsage = 2,         // the command line is wrong; nothing was done
  kNotFound = 3,      // what was named does not exist
  kConflict = 4,      // it exists already, or is so already
  kDeployment = 5,    // configuration, store, key or file trouble: nothing was decided
  kNotConfirmed = 6,  // the person said no or touched no key, or nobody could be asked
  kOtherKey = 7,      // audit verify: no signature fits the key, which says nothing of the log
};

Exit exit_of(const Error& error);

// The table of codes, for --help.
Text exit_code_help();

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_EXIT_H_
