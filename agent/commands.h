// The three subcommands of sekisho-agent, their arguments as data.

#ifndef SEKISHO_AGENT_COMMANDS_H_
#define SEKISHO_AGENT_COMMANDS_H_

#include <string>

#include "agent/configuration.h"
#include "base/result.h"

namespace sekisho::agent {

struct RunArguments {
  std::string configuration = kDefaultConfigurationPath;
  int ready_fd = -1;  // gets the line "ready" when the socket listens; -1 is none
};
// Serves until SIGTERM or SIGINT, then lets conversations under way end, for three seconds.
// Errors: the configuration is wrong, the terminal has not joined, the socket cannot be had.
Result<void> run(const RunArguments& arguments);

struct JoinArguments {
  std::string configuration = kDefaultConfigurationPath;
  std::string gateway;
  std::string ca_fingerprint;
  std::string token;      // "-": one line of the standard input, which other users cannot see
  bool replaces = false;  // an identity that works
};
// Joins, and writes a configuration with this gateway when there is none.
Result<void> join_terminal(JoinArguments& arguments);

struct StatusArguments {
  std::string configuration = kDefaultConfigurationPath;
};
// Prints how the terminal stands.  An Error when it has not joined or no gateway answers.
Result<void> show_status(const StatusArguments& arguments);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_COMMANDS_H_
