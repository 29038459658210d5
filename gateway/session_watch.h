// What was let in goes on only as long as the gate would let it in: asked every second, for what
// lives longer than a request (a WebSocket, a stream, a long download).

#ifndef SEKISHO_GATEWAY_SESSION_WATCH_H_
#define SEKISHO_GATEWAY_SESSION_WATCH_H_

#include <string>

#include "base/ip_network.h"
#include "gateway/event_loop.h"
#include "gateway/stream.h"

namespace sekisho::gateway {

// Who asked for what: the gate is asked again with it.
struct Admitted {
  std::string application;  // its name
  std::string target;
  std::string token;
  IpAddress client;
  std::string host;  // as the client wrote it
};

// Whether the gate would let it in now.  The rules may be others than then.
bool may_go_on(EventLoop& loop, const Admitted& admitted);

class SessionWatch : public Watched {
 public:
  // The streams must outlive the watch, which closes both.
  SessionWatch(EventLoop& loop, Stream& client, Stream& application, Admitted admitted);

  void check() override;
  void close();
  // For what has no end of its own, and is opened again by itself (server-sent events): a gateway
  // that stops does not wait for it.
  void end_at_stop() { ends_at_stop_ = true; }
  // False once it has closed them.
  bool goes_on() const { return goes_on_; }

 private:
  EventLoop& loop_;
  Stream& client_;
  Stream& application_;
  const Admitted admitted_;
  bool goes_on_ = true;
  bool ends_at_stop_ = false;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_SESSION_WATCH_H_
