// Who is at the other end of a connection.

#ifndef SEKISHO_GATEWAY_PEER_H_
#define SEKISHO_GATEWAY_PEER_H_

#include "base/ip_network.h"
#include "gateway/site.h"

namespace sekisho::gateway {

struct Peer {
  IpAddress address;  // on a socket of this machine: loopback
  // It could open the socket that only a reverse proxy may open (local_socket.h).
  bool is_on_socket = false;

  // Believed when it says for whom it asks.
  bool is_proxy(const Site& site) const {
    return is_on_socket || contains(site.settings.trusted_proxies, address);
  }
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_PEER_H_
