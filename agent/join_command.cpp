// `sekisho-agent join`: reads the token, joins, and leaves a configuration the agent's user can
// read.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "agent/commands.h"
#include "agent/console_text.h"
#include "agent/joining.h"
#include "agent/run_to_end.h"
#include "agent/terminal_state.h"
#include "base/file.h"
#include "base/secret_input.h"

namespace sekisho::agent {
namespace {

using conversation::Language;

Result<Secret> token_of(JoinArguments& arguments) {
  if (arguments.token != "-") {
    Secret token{std::string_view(arguments.token)};
    wipe(arguments.token);
    return token;
  }
  if (::isatty(STDIN_FILENO) == 0) return secret_from_stdin();
  return secret_from_terminal(Text{"参加トークン: ", "Join token: "}.in(arguments.language),
                              "there is no terminal to ask on");
}

// What the configuration says, or would say once joining has succeeded.
struct Plan {
  Configuration configuration;
  std::string first_text;  // of a file that is not there yet
};

std::string gateways_line(const GatewayAddress& gateway) {
  return "gateways = [\"" + gateway.url() + "\"]";
}

Result<Plan> plan_for(const std::string& path, const GatewayAddress& gateway) {
  Result<Configuration> configuration = load_configuration(path);
  if (!configuration && configuration.error().code == ErrorCode::kNotFound) {
    std::string text =
        "# The terminal's half of Sekisho. The gateways are asked in turn, the one that\n"
        "# answered last first.\n" +
        gateways_line(gateway) + "\n";
    configuration = parse_configuration(text, path);
    if (!configuration) return fail(configuration.error());
    return Plan{std::move(*configuration), std::move(text)};
  }
  if (!configuration) return fail(configuration.error());
  const auto& listed = configuration->gateways;
  if (std::find(listed.begin(), listed.end(), gateway) == listed.end()) {
    return fail(ErrorCode::kConflict, path + " names other gateways than " + gateway.url() +
                                          ": this terminal has not joined; add it to gateways "
                                          "there and run this again");
  }
  return Plan{std::move(*configuration), {}};
}

// Before the token is spent: the folder must be there and take a file.
Result<void> make_room_for(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return fail(error_from_errno(folder.string() + " cannot be written to"));
  }
  return {};
}

void report(const std::string& terminal, const JoinArguments& arguments) {
  const std::string next = arguments.replaces ? "systemctl restart sekisho-agent"
                                              : "systemctl enable --now sekisho-agent";
  std::puts((Text{"参加しました: ", "Joined as "}.in(arguments.language) + terminal +
             Text{"。次に実行してください: ", ". Now start the agent: "}.in(arguments.language) +
             next)
                .c_str());
}

}  // namespace

Result<void> join_terminal(JoinArguments& arguments) {
  // Whatever the administrator's umask: the agent's own user reads what is written here.  What is
  // secret has its mode from where it is written.
  ::umask(0022);
  const Result<Secret> token = token_of(arguments);
  if (!token) return fail(token.error());
  Result<Invitation> invitation =
      read_invitation(arguments.gateway, arguments.ca_fingerprint, token->reveal_text());
  if (!invitation) return fail(invitation.error());
  const Result<Plan> plan = plan_for(arguments.configuration, invitation->gateway);
  if (!plan) return fail(plan.error());
  const TerminalState state(plan->configuration.state);
  if (const Result<TerminalIdentity> now = state.load(); now && !arguments.replaces) {
    return fail(ErrorCode::kAlreadyExists,
                "this terminal has joined as " + now->facts.subject + "; --replace joins again");
  }
  const bool is_first = !plan->first_text.empty();
  if (const Result<void> room = is_first ? make_room_for(arguments.configuration) : Result<void>();
      !room) {
    return room;
  }
  const GatewayAddress gateway = invitation->gateway;
  const Result<std::string> terminal =
      run_to_end(join(std::move(*invitation), plan->configuration.patience, state));
  if (!terminal) return fail(terminal.error());
  if (is_first) {
    const Result<void> written =
        create_file_durably(arguments.configuration, plan->first_text, 0644);
    if (!written) {
      return fail(written.error().code,
                  "joined, but " + arguments.configuration + " was not written (" +
                      written.error().message +
                      "): write this line into it: " + gateways_line(gateway));
    }
  }
  report(*terminal, arguments);
  return {};
}

}  // namespace sekisho::agent
