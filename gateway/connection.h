// One client's connection: TLS, then requests one after the other, each under a limit and a
// deadline, each to the part of the gateway that answers it.

#ifndef SEKISHO_GATEWAY_CONNECTION_H_
#define SEKISHO_GATEWAY_CONNECTION_H_

#include <memory>
#include <optional>
#include <string>

#include "certs/certificate.h"
#include "gateway/event_loop.h"
#include "gateway/message_reader.h"
#include "gateway/peer.h"
#include "gateway/proxy_run.h"
#include "gateway/response.h"
#include "gateway/source_limits.h"

namespace sekisho::gateway {

class Connection {
 public:
  Connection(EventLoop& loop, Socket socket, std::shared_ptr<boost::asio::ssl::context> tls,
             settings::Listener::Kind kind, const Peer& peer, SourceLimits::Place place);

  // Serves until the client leaves, a limit is met, or the gateway stops.
  static Task<> serve(std::unique_ptr<Connection> connection);

 private:
  using TlsContext = std::shared_ptr<boost::asio::ssl::context>;
  Task<bool> shake_hands();
  // What could be done with reader_'s request without waiting.  Answered, and the connection may go
  // on or not; or its head is not whole yet, its answer has not gone whole, an application is asked
  // and proxied_ waits for it, or it is for the others to answer, and objection_ tells what is
  // wrong with it.
  enum class AtOnce { kAnswered, kEnds, kNotWhole, kUnsent, kAsked, kNothing };
  AtOnce serve_at_once();
  // The check by a reverse proxy, the request there is most of: nearly always it is there whole,
  // and its answer goes at once.
  AtOnce check_at_once();
  AtOnce ask_at_once();
  bool is_named_by_tls(std::string_view host);
  void begin_record();
  void end_record();
  void note_answer(unsigned status, std::size_t body_bytes);
  Task<> serve_requests();
  // Goes on from there.  True: another request may follow.
  Task<bool> serve_one(AtOnce so_far);
  // True: another request may follow.
  Task<bool> answer(RequestReader& reader);
  Task<bool> answer_web(RequestReader& reader);
  Task<bool> answer_route(RequestReader& reader);
  Task<bool> send(const RequestReader& reader, const Response& response, bool is_body_read);
  Task<> send_last(unsigned status);
  bool keeps_alive(const RequestReader& reader) const {
    return reader.is_keep_alive() && !loop_.is_stopping();
  }

  EventLoop& loop_;
  const TlsContext tls_;  // outlives the stream
  Stream stream_;
  std::optional<RequestReader> reader_;   // of the request that is being served
  std::unique_ptr<ProxyRun> proxied_;     // of that, too
  std::unique_ptr<AccessRecord> record_;  // of that, too, where an access log is kept
  std::string out_;
  std::string_view unsent_;  // of out_, when a check's answer has not gone whole
  unsigned objection_ = 0;   // to the request, as a status; 0: none
  SteadyTime begun_;         // the request, when its head was there
  SteadyTime last_use_;
  const settings::Listener::Kind kind_;
  const Peer peer_;
  const SourceLimits::Place place_;
  std::optional<certs::TerminalIdentity> terminal_;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_CONNECTION_H_
