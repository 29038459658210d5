#include "gateway/listener.h"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/log.h"
#include "gateway/connection.h"

namespace sekisho::gateway {
namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

// When descriptors run out, accepting again at once would spin.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

Listener::Listener(EventLoop& loop, Acceptor acceptor, settings::Listener::Kind kind,
                   std::size_t index)
    : loop_(loop), acceptor_(std::move(acceptor)), kind_(kind), index_(index) {}

Result<std::unique_ptr<Listener>> Listener::open(EventLoop& loop,
                                                 const settings::Listener& settings,
                                                 std::uint16_t port, std::size_t index) {
  const Tcp::endpoint endpoint(asio_address(settings.address), port);
  Acceptor acceptor(loop.executor());
  error_code failed;
  const auto step = [&](auto action) {
    if (!failed) action();
  };
  step([&] { acceptor.open(endpoint.protocol(), failed); });
  step([&] { acceptor.set_option(Acceptor::reuse_address(true), failed); });
  step([&] { acceptor.set_option(ReusePort(true), failed); });
  step([&] { acceptor.bind(endpoint, failed); });
  step([&] { acceptor.listen(1024, failed); });
  if (failed) {
    return fail(ErrorCode::kUnavailable, "cannot listen on " + settings.address.text() + ":" +
                                             std::to_string(port) + ": " + failed.message());
  }
  const std::uint16_t bound = acceptor.local_endpoint().port();
  auto listener =
      std::unique_ptr<Listener>(new Listener(loop, std::move(acceptor), settings.kind, index));
  listener->port_ = bound;
  return listener;
}

Result<std::unique_ptr<Listener>> Listener::adopt(EventLoop& loop,
                                                  const settings::Listener& settings,
                                                  UniqueFd socket, std::size_t index) {
  Acceptor acceptor(loop.executor());
  error_code failed;
  acceptor.assign(settings.address.is_v4() ? Tcp::v4() : Tcp::v6(), socket.get(), failed);
  if (failed) {
    return fail(ErrorCode::kUnavailable, "cannot listen on the socket that was handed over for " +
                                             settings.address.text() + ": " + failed.message());
  }
  (void)socket.release();  // the acceptor's now
  auto listener =
      std::unique_ptr<Listener>(new Listener(loop, std::move(acceptor), settings.kind, index));
  listener->port_ = settings.port;
  return listener;
}

void Listener::start() {
  asio::co_spawn(loop_.executor(), accept_all(), asio::detached);
}

void Listener::stop() {
  error_code ignored;
  acceptor_.close(ignored);
}

Task<> Listener::accept_all() {
  Timer pause(loop_.executor());
  while (acceptor_.is_open()) {
    Socket socket(loop_.executor());
    Tcp::endpoint peer;
    const auto [failed] = co_await acceptor_.async_accept(socket, peer, use_outcome);
    if (failed == asio::error::operation_aborted) co_return;
    if (failed) {
      log::write(log::Level::kWarning, "accept_failed",
                 JsonObject().add("error", failed.message()));
      pause.expires_after(kAcceptPause);
      const auto [cancelled] = co_await pause.async_wait(use_outcome);
      if (cancelled) co_return;
      continue;
    }
    welcome(std::move(socket), address_of(peer.address()));
  }
}

void Listener::welcome(Socket socket, const IpAddress& peer) {
  const std::shared_ptr<const Site> site = loop_.site();
  const bool is_metrics = kind_ == settings::Listener::Kind::kMetrics;
  const bool is_inside = is_metrics ? peer.is_loopback() : site->settings.is_inside(peer);
  if (!is_inside) {
    // Not a word to strangers: the socket closes here.
    loop_.counters().connections_refused.add();
    log::write(log::Level::kWarning, "client_outside_segment",
               JsonObject().add("peer", peer.text()));
    return;
  }
  const settings::Limits& limits = site->settings.limits;
  const bool is_proxy = contains(site->settings.trusted_proxies, peer);
  // An eighth is kept for the proxies, through which everybody comes, and for the terminals.
  const bool is_expected = is_proxy || kind_ != settings::Listener::Kind::kWeb;
  const int most = is_expected ? limits.connections : limits.connections - limits.connections / 8;
  SourceLimits::Most allowed{most, limits.connections_per_source, limits.connections_per_second};
  if (is_proxy) allowed.of_source = allowed.a_second = 0;
  auto place =
      loop_.shared().sources.enter(peer.owner(), allowed, std::chrono::steady_clock::now());
  if (!place) {
    loop_.counters().connections_refused.add();
    log::write(log::Level::kWarning, "too_many_connections", JsonObject().add("peer", peer.text()));
    return;
  }
  error_code ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  loop_.counters().connections_accepted.add();
  auto tls = index_ < site->tls.size() ? site->tls[index_] : nullptr;
  if (tls == nullptr && !is_metrics) return;
  auto connection = std::make_unique<Connection>(loop_, std::move(socket), std::move(tls), kind_,
                                                 peer, std::move(*place));
  asio::co_spawn(loop_.executor(), Connection::serve(std::move(connection)), asio::detached);
}

}  // namespace sekisho::gateway
