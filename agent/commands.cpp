#include "agent/commands.h"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <system_error>
#include <utility>

#include "agent/conversation_server.h"
#include "agent/gateway_client.h"
#include "agent/joining.h"
#include "agent/renewal.h"
#include "agent/terminal_state.h"
#include "base/file.h"
#include "base/log.h"

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kGrace{3};

// Runs one coroutine to its end and returns what it returned.
template <typename T>
T run_to_end(asio::awaitable<T> work) {
  asio::io_context io;
  std::optional<T> outcome;
  std::exception_ptr thrown;
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr problem, T value) {
    thrown = problem;
    outcome = std::move(value);
  });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*outcome);
}

Result<TerminalIdentity> identity_of(const TerminalState& state) {
  Result<TerminalIdentity> identity = state.load();
  if (!identity && identity.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound,
                "this terminal has not joined: run \"sekisho terminal add NAME\" on the gateway "
                "and type here what it prints (" +
                    identity.error().message + ")");
  }
  return identity;
}

Result<void> write_first_configuration(const JoinArguments& arguments,
                                       const Invitation& invitation) {
  // /etc/sekisho, on a terminal's first day.
  std::error_code problem;
  const std::filesystem::path folder = std::filesystem::path(arguments.configuration).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, problem);
  return create_file_durably(arguments.configuration,
                             "# The terminal's half of Sekisho. The gateways are asked in turn, "
                             "the one that\n# answered last first.\ngateways = [\"" +
                                 invitation.gateway.url() + "\"]\n",
                             0644);
}

void announce_ready(int fd) {
  if (fd < 0) return;
  // Whoever started us may have gone: then nobody needs to know.
  if (::write(fd, "ready\n", 6) < 0) log::write(log::Level::kWarning, "ready_not_announced");
  ::close(fd);
}

}  // namespace

Result<void> run(const RunArguments& arguments) {
  const Result<Configuration> configuration = load_configuration(arguments.configuration);
  if (!configuration) return fail(configuration.error());
  const TerminalState state(configuration->state);
  const Result<TerminalIdentity> identity = identity_of(state);
  if (!identity) return fail(identity.error());
  const Result<TlsContext> tls = tls_of_terminal(*identity);
  if (!tls) return fail(tls.error());
  ::signal(SIGPIPE, SIG_IGN);

  asio::io_context io(1);
  const SystemClock clock;
  GatewayClient gateways(configuration->gateways, configuration->patience, *tls);
  ConversationServer server(io, gateways, clock, {configuration->socket, configuration->language});
  const Result<void> listening = server.listen();
  if (!listening) return listening;
  asio::co_spawn(io, server.accept(), asio::detached);
  asio::co_spawn(io, keep_renewing(gateways, state, identity->facts, clock), asio::detached);

  asio::steady_timer grace(io);
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    log::write(log::Level::kInfo, "stopping");
    grace.expires_after(kGrace);
    grace.async_wait([&io](const boost::system::error_code& cancelled) {
      if (!cancelled) io.stop();
    });
    server.stop([&io] { io.stop(); });
  });
  log::write(log::Level::kInfo, "listening",
             JsonObject()
                 .add("kind", "pam")
                 .add("address", configuration->socket)
                 .add("terminal", identity->facts.subject));
  announce_ready(arguments.ready_fd);
  io.run();
  log::write(log::Level::kInfo, "stopped");
  return {};
}

Result<void> join_terminal(JoinArguments& arguments) {
  if (arguments.token == "-") std::getline(std::cin, arguments.token);
  Result<Invitation> invitation =
      read_invitation(arguments.gateway, arguments.ca_fingerprint, arguments.token);
  wipe(arguments.token);
  if (!invitation) return fail(invitation.error());
  Result<Configuration> configuration = load_configuration(arguments.configuration);
  if (!configuration && configuration.error().code == ErrorCode::kNotFound) {
    const Result<void> written = write_first_configuration(arguments, *invitation);
    if (!written) return written;
    configuration = load_configuration(arguments.configuration);
  }
  if (!configuration) return fail(configuration.error());
  const TerminalState state(configuration->state);
  if (const Result<TerminalIdentity> now = state.load(); now && !arguments.replaces) {
    return fail(ErrorCode::kAlreadyExists,
                "this terminal has joined as " + now->facts.subject + "; --replace joins again");
  }
  const Result<std::string> terminal =
      run_to_end(join(std::move(*invitation), configuration->patience, state));
  if (!terminal) return fail(terminal.error());
  std::printf("Joined as %s. Now start the agent: systemctl enable --now sekisho-agent\n",
              terminal->c_str());
  return {};
}

Result<void> show_status(const StatusArguments& arguments) {
  const Result<Configuration> configuration = load_configuration(arguments.configuration);
  if (!configuration) return fail(configuration.error());
  const Result<TerminalIdentity> identity = identity_of(TerminalState(configuration->state));
  if (!identity) return fail(identity.error());
  const Result<TlsContext> tls = tls_of_terminal(*identity);
  if (!tls) return fail(tls.error());
  std::printf("terminal     %s\ncertificate  until %s, renewed from %s\n",
              identity->facts.subject.c_str(), rfc3339(identity->facts.not_after).c_str(),
              rfc3339(certs::renewal_time(identity->facts)).c_str());
  GatewayClient gateways(configuration->gateways, configuration->patience, *tls);
  bool is_served = false;
  for (const GatewayAddress& gateway : gateways.gateways()) {
    const Result<terminal_api::StatusResponse> status = run_to_end(gateways.status(gateway));
    is_served = is_served || status.has_value();
    std::printf("gateway      %s  %s\n", gateway.url().c_str(),
                status ? ("serves, its time is " + rfc3339(status->time)).c_str()
                       : status.error().message.c_str());
  }
  if (!is_served) return fail(ErrorCode::kUnavailable, "no gateway serves this terminal");
  return {};
}

}  // namespace sekisho::agent
