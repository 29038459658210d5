#include "agent/commands.h"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>

#include "agent/console_text.h"
#include "agent/conversation_server.h"
#include "agent/gateway_client.h"
#include "agent/renewal.h"
#include "agent/run_to_end.h"
#include "agent/terminal_state.h"
#include "base/log.h"

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kGrace{3};

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

void announce_ready(int fd) {
  if (fd < 0) return;
  // Whoever started us may have gone: then nobody needs to know.
  if (::write(fd, "ready\n", 6) < 0) log::write(log::Level::kWarning, "ready_not_announced");
  ::close(fd);
}

}  // namespace

void end_with(std::exception_ptr thrown) {
  if (!thrown) return;
  log::write(log::Level::kError, "ended_by_exception");
  std::rethrow_exception(thrown);
}

Result<void> run(const RunArguments& arguments, authn::SecurityKeys& keys) {
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
  gateways.succeed_by([&state](const TlsContext& now) { return identity_instead_of(now, state); });
  ConversationServer server(
      io, {gateways, keys, clock},
      {configuration->socket, configuration->language, configuration->key_times});
  const Result<void> listening = server.listen();
  if (!listening) return listening;
  asio::co_spawn(io, server.accept(), &end_with);
  asio::co_spawn(io, keep_renewing(gateways, state, identity->facts, clock), &end_with);

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

Result<void> show_status(const StatusArguments& arguments) {
  const Result<Configuration> configuration = load_configuration(arguments.configuration);
  if (!configuration) return fail(configuration.error());
  const Result<TerminalIdentity> identity = identity_of(TerminalState(configuration->state));
  if (!identity) return fail(identity.error());
  const Result<TlsContext> tls = tls_of_terminal(*identity);
  if (!tls) return fail(tls.error());
  const conversation::Language language = arguments.language;
  std::fputs(
      (Text{"端末          ", "terminal     "}.in(language) + identity->facts.subject + "\n" +
       Text{"証明書        有効期限 ", "certificate  until "}.in(language) +
       rfc3339(identity->facts.not_after) + Text{"、更新は ", ", renewed from "}.in(language) +
       rfc3339(certs::renewal_time(identity->facts)) + Text{" から\n", "\n"}.in(language))
          .c_str(),
      stdout);
  GatewayClient gateways(configuration->gateways, configuration->patience, *tls);
  bool is_served = false;
  for (const GatewayAddress& gateway : gateways.gateways()) {
    const Result<terminal_api::StatusResponse> status = run_to_end(gateways.status(gateway));
    is_served = is_served || status.has_value();
    const std::string outcome =
        status
            ? Text{"応答あり、時刻は ", "serves, its time is "}.in(language) + rfc3339(status->time)
            : error_text(status.error(), language);
    std::fputs((Text{"ゲートウェイ  ", "gateway      "}.in(language) + gateway.url() + "  " +
                outcome + "\n")
                   .c_str(),
               stdout);
  }
  if (!is_served) return fail(ErrorCode::kUnavailable, "no gateway serves this terminal");
  return {};
}

}  // namespace sekisho::agent
