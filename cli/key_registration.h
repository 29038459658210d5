// Registering a security key that is plugged into this machine: a WebAuthn registration (WebAuthn
// Level 3 section 7.1) in which this program is client and relying party in one.

#ifndef SEKISHO_CLI_KEY_REGISTRATION_H_
#define SEKISHO_CLI_KEY_REGISTRATION_H_

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/desk.h"
#include "cli/exit.h"

namespace sekisho::cli {

struct KeyToRegister {
  std::string user;
  std::optional<std::string> label;   // else what the key calls itself
  int number = 0;                     // of the keys that are plugged in, from 1; 0: the only one
  std::chrono::seconds patience{30};  // for a key to be plugged in
};

// Asks for what is needed, a PIN among it, and says what to do.  A PIN is sent to the key once.
Result<Exit> register_key(Desk& desk, const KeyToRegister& what);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_KEY_REGISTRATION_H_
