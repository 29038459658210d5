#include "gateway/listener.h"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstring>

#include "base/log.h"
#include "gateway/connection.h"

namespace sekisho::gateway {
namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

// When descriptors run out, accepting again at once would spin.
constexpr std::chrono::milliseconds kAcceptPause{100};

Tcp::endpoint tcp_endpoint(const asio::generic::stream_protocol::endpoint& endpoint) {
  Tcp::endpoint tcp;
  tcp.resize(endpoint.size());
  std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
  return tcp;
}

std::uint16_t port_of(const asio::generic::stream_protocol::endpoint& endpoint) {
  return tcp_endpoint(endpoint).port();
}

Peer peer_of(const asio::generic::stream_protocol::endpoint& endpoint) {
  if (endpoint.protocol().family() == AF_UNIX) {
    return {IpAddress::from_v4({127, 0, 0, 1}), true};
  }
  return {address_of(tcp_endpoint(endpoint).address()), false};
}

}  // namespace

Listener::Listener(EventLoop& loop, Acceptor acceptor, settings::Listener::Kind kind,
                   std::size_t index)
    : loop_(loop), acceptor_(std::move(acceptor)), kind_(kind), index_(index) {}

Result<std::unique_ptr<Listener>> Listener::open(EventLoop& loop,
                                                 const settings::Listener& settings,
                                                 std::uint16_t port, std::size_t index) {
  const Tcp::endpoint tcp(asio_address(settings.address), port);
  const Acceptor::endpoint_type endpoint(tcp);
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
  const std::uint16_t bound = port_of(acceptor.local_endpoint());
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
  const bool is_local = settings.kind == settings::Listener::Kind::kCheck;
  const int family = is_local ? AF_UNIX : settings.address.is_v4() ? AF_INET : AF_INET6;
  acceptor.assign({family, is_local ? 0 : IPPROTO_TCP}, socket.get(), failed);
  if (failed) {
    return fail(ErrorCode::kUnavailable,
                "cannot listen on the socket for " +
                    (is_local ? settings.socket_path : settings.address.text()) + ": " +
                    failed.message());
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
    Acceptor::endpoint_type peer;
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
    // Whatever one connection meets, others are let in.
    try {
      welcome(std::move(socket), peer_of(peer));
    } catch (const std::exception& failure) {
      log::write(log::Level::kError, "accept_failed",
                 JsonObject().add("error", std::string_view(failure.what())));
    }
  }
}

void Listener::welcome(Socket socket, const Peer& peer) {
  const std::shared_ptr<const Site> site = loop_.site();
  const bool is_metrics = kind_ == settings::Listener::Kind::kMetrics;
  const bool is_inside = peer.is_on_socket || (is_metrics ? peer.address.is_loopback()
                                                          : site->settings.is_inside(peer.address));
  if (!is_inside) {
    // Not a word to strangers: the socket closes here.
    loop_.counters().connections_refused.add();
    log::write(log::Level::kWarning, "client_outside_segment",
               JsonObject().add("peer", peer.address.text()));
    return;
  }
  const settings::Limits& limits = site->settings.limits;
  const bool is_proxy = peer.is_proxy(*site);
  // An eighth is kept for the proxies, through which everybody comes, and for the terminals.
  const bool is_expected = is_proxy || kind_ != settings::Listener::Kind::kWeb;
  const int most = is_expected ? limits.connections : limits.connections - limits.connections / 8;
  SourceLimits::Most allowed{most, limits.connections_per_source, limits.connections_per_second};
  if (is_proxy) allowed.of_source = allowed.a_second = 0;
  // A socket of this machine is a source of its own, which no address is.
  const IpAddress source = peer.is_on_socket ? IpAddress() : peer.address.owner();
  auto place = loop_.shared().sources.enter(source, allowed, std::chrono::steady_clock::now());
  if (!place) {
    loop_.counters().connections_refused.add();
    log::write(log::Level::kWarning, "too_many_connections",
               JsonObject().add("peer", peer.address.text()));
    return;
  }
  error_code ignored;
  if (!peer.is_on_socket) socket.set_option(Tcp::no_delay(true), ignored);
  loop_.counters().connections_accepted.add();
  auto tls = index_ < site->tls.size() ? site->tls[index_] : nullptr;
  if (tls == nullptr && !is_metrics && !peer.is_on_socket) return;
  auto connection = std::make_unique<Connection>(loop_, std::move(socket), std::move(tls), kind_,
                                                 peer, std::move(*place));
  asio::co_spawn(loop_.executor(), Connection::serve(std::move(connection)), asio::detached);
}

}  // namespace sekisho::gateway
