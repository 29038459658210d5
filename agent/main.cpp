// `sekisho-agent`, the terminal's half: `run` serves the PAM module, `join` enrols the terminal,
// `status` says how it stands.  Exit codes: 0 done, 1 could not, 2 the command line is wrong.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "agent/commands.h"
#include "base/log.h"

namespace {

using namespace sekisho;

int report(const Result<void>& outcome) {
  if (outcome) return 0;
  std::fprintf(stderr, "sekisho-agent: %s\n", outcome.error().message.c_str());
  return 1;
}

int run_command_line(int argc, char** argv) {
  CLI::App app("The terminal's half of Sekisho: asks the gateway who may log in here.");
  app.require_subcommand(1);
  app.set_version_flag("--version", SEKISHO_VERSION);

  agent::RunArguments run;
  CLI::App* const run_command = app.add_subcommand("run", "Serve the PAM module of this terminal");
  run_command->add_option("--config", run.configuration, "The configuration file")
      ->capture_default_str();
  run_command->add_option("--ready-fd", run.ready_fd,
                          "Write a line to this descriptor when serving");

  agent::JoinArguments join;
  CLI::App* const join_command = app.add_subcommand(
      "join", "Enrol this terminal, with what \"sekisho terminal add\" printed on the gateway");
  join_command
      ->add_option("--config", join.configuration,
                   "The configuration file; made when there is none")
      ->capture_default_str();
  join_command->add_option("--gateway", join.gateway, "https://HOST:PORT of the terminal listener")
      ->required();
  join_command
      ->add_option("--ca-fingerprint", join.ca_fingerprint,
                   "SHA-256 of the segment's authority, 64 hexadecimal digits")
      ->required();
  join_command->add_option("--token", join.token, "The one-time token; - reads it from the input")
      ->required();
  join_command->add_flag("--replace", join.replaces, "Join although this terminal has joined");

  agent::StatusArguments status;
  CLI::App* const status_command =
      app.add_subcommand("status", "Show the certificate and ask every gateway");
  status_command->add_option("--config", status.configuration, "The configuration file")
      ->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : 2;
  }
  if (*run_command) return report(agent::run(run));
  if (*join_command) return report(agent::join_terminal(join));
  return report(agent::show_status(status));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_command_line(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "sekisho-agent: %s\n", problem.what());
    return 1;
  }
}
