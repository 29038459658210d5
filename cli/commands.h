// The table of commands.  Start here.
//
// A command is a row: how it is called, what it says of itself, and a function that declares its
// arguments and returns what runs.  Each noun has a file (user_commands.cpp, ...) with its rows.

#ifndef SEKISHO_CLI_COMMANDS_H_
#define SEKISHO_CLI_COMMANDS_H_

#include <CLI/App.hpp>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/desk.h"
#include "cli/exit.h"
#include "cli/language.h"

namespace sekisho::cli {

// Does the work.  An Error is told to the person and becomes an exit code (cli/exit.h).
using Run = std::function<Result<Exit>(Desk&)>;

struct Command {
  std::string_view noun;
  std::string_view verb;  // empty: the noun is the whole command ("init", "doctor")
  Text summary;
  std::string_view examples;  // lines for --help, without "sekisho" in front
  Run (*declare)(CLI::App& app, Language language);
};

struct Noun {
  std::string_view name;
  Text summary;
  std::span<const Command> commands;
};

// Every noun in the order of --help.
std::vector<Noun> all_nouns();

std::span<const Command> init_commands();
std::span<const Command> user_commands();
std::span<const Command> totp_commands();
std::span<const Command> key_commands();
std::span<const Command> enroll_commands();
std::span<const Command> recovery_commands();
std::span<const Command> terminal_commands();
std::span<const Command> session_commands();
std::span<const Command> identity_commands();
std::span<const Command> audit_commands();
std::span<const Command> config_commands();
std::span<const Command> policy_commands();
std::span<const Command> backup_commands();
std::span<const Command> doctor_commands();

// Asks `question`; kDone when the answer is yes, kNotConfirmed (and a word about it) otherwise.
Exit confirmed(const Console& console, std::string_view question);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_COMMANDS_H_
