// Listening sockets: one for each loop and address (SO_REUSEPORT), so that the kernel spreads the
// connections and no loop waits for another.

#ifndef SEKISHO_GATEWAY_LISTENER_H_
#define SEKISHO_GATEWAY_LISTENER_H_

#include <boost/asio/basic_socket_acceptor.hpp>
#include <cstddef>

#include "base/file.h"
#include "base/result.h"
#include "gateway/event_loop.h"
#include "gateway/peer.h"

namespace sekisho::gateway {

class Listener {
 public:
  // Binds `settings.address`; `port` 0 takes any free one, which port() then tells.  `index` is
  // the listener's place in the settings, by which a reload finds its new certificate.
  static Result<std::unique_ptr<Listener>> open(EventLoop& loop, const settings::Listener& settings,
                                                std::uint16_t port, std::size_t index);
  // On a socket that listens already.
  static Result<std::unique_ptr<Listener>> adopt(EventLoop& loop,
                                                 const settings::Listener& settings,
                                                 UniqueFd socket, std::size_t index);

  std::uint16_t port() const { return port_; }
  // Begins to accept, on the loop's thread.
  void start();
  // On the loop's thread.
  void stop();

 private:
  using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, Executor>;
  Listener(EventLoop& loop, Acceptor acceptor, settings::Listener::Kind kind, std::size_t index);
  Task<> accept_all();
  void welcome(Socket socket, const Peer& peer);

  EventLoop& loop_;
  Acceptor acceptor_;
  const settings::Listener::Kind kind_;
  const std::size_t index_;
  std::uint16_t port_ = 0;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_LISTENER_H_
