// The three subcommands of sekisho-agent, their arguments as data.

#ifndef SEKISHO_AGENT_COMMANDS_H_
#define SEKISHO_AGENT_COMMANDS_H_

#include <exception>
#include <string>

#include "agent/configuration.h"
#include "authn/factors/security_key.h"
#include "base/result.h"

namespace sekisho::agent {

struct RunArguments {
  std::string configuration = kDefaultConfigurationPath;
  int ready_fd = -1;  // gets the line "ready" when the socket listens; -1 is none
};
// Serves until SIGTERM or SIGINT, then lets conversations under way end, for three seconds.  `keys`
// are the security keys plugged into this terminal.
// Errors: the configuration is wrong, the terminal has not joined, the socket cannot be had.
Result<void> run(const RunArguments& arguments, authn::SecurityKeys& keys);

// How work that lasts as long as the program ends: what it threw goes on to main, and systemd
// starts the agent again.  One that no longer accepted or renewed would only look alive.
void end_with(std::exception_ptr thrown);

struct JoinArguments {
  std::string configuration = kDefaultConfigurationPath;
  std::string gateway;
  std::string ca_fingerprint;
  std::string token;      // "-": typed, or one line of the standard input; others cannot see it
  bool replaces = false;  // an identity that works
  conversation::Language language = conversation::Language::kEnglish;  // of what is shown
};
// Joins, and then writes a configuration with this gateway when there is none.  kConflict, and
// nothing sent, when there is one that does not name it.  Takes the umask away.
Result<void> join_terminal(JoinArguments& arguments);

struct StatusArguments {
  std::string configuration = kDefaultConfigurationPath;
  conversation::Language language = conversation::Language::kEnglish;
};
// Prints how the terminal stands.  An Error when it has not joined or no gateway answers.
Result<void> show_status(const StatusArguments& arguments);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_COMMANDS_H_
