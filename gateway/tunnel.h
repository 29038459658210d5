// A WebSocket, once both sides agreed to it: bytes both ways.  It ends when either side closes,
// when nobody says anything for the idle time, and within a second after the gate would no longer
// let the person in.

#ifndef SEKISHO_GATEWAY_TUNNEL_H_
#define SEKISHO_GATEWAY_TUNNEL_H_

#include <string>

#include "gateway/session_watch.h"

namespace sekisho::gateway {

// What either side has said already, right behind its head, goes first.  Closes both streams.
Task<> run_tunnel(EventLoop& loop, Stream& client, Stream& application, Admitted admitted,
                  std::string from_client, std::string from_application);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_TUNNEL_H_
