// Who types the commands: the name that goes into the audit log.

#ifndef SEKISHO_CLI_ADMINISTRATOR_H_
#define SEKISHO_CLI_ADMINISTRATOR_H_

#include <optional>
#include <string>
#include <string_view>

namespace sekisho::cli {

// What the machine knows of the person.
struct Identity {
  std::string user;  // of the real user id; "uid 1000" when it has no name
  bool is_root = false;
  std::optional<std::string> sudo_user;   // SUDO_USER
  std::optional<std::string> login_user;  // of the login id that the kernel keeps (loginuid)
};

Identity identity_of_process();

// "admin:root (sudo: tanaka)".  SUDO_USER is believed from root alone, because anybody else could
// have set it; without it the kernel's login id tells who became root.  Names are made printable
// and cut to 64 bytes.
std::string administrator_name(const Identity& identity);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_ADMINISTRATOR_H_
