// The command line of `sekisho-agent`, the terminal's half: `run` serves the PAM module, `join`
// enrols the terminal, `status` says how it stands.

#ifndef SEKISHO_AGENT_AGENT_MAIN_H_
#define SEKISHO_AGENT_AGENT_MAIN_H_

#include "authn/factors/security_key.h"

namespace sekisho::agent {

// Returns the exit code: 0 done, 1 could not, 2 the command line is wrong.  `keys` are what `run`
// finds plugged in: those on USB, or a test's.
int agent_main(int argc, char** argv, authn::SecurityKeys& keys);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_AGENT_MAIN_H_
