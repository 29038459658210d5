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
#include "gateway/response.h"
#include "gateway/source_limits.h"

namespace sekisho::gateway {

class Connection {
 public:
  Connection(EventLoop& loop, Socket socket, std::shared_ptr<boost::asio::ssl::context> tls,
             settings::Listener::Kind kind, IpAddress peer, SourceLimits::Place place);

  // Serves until the client leaves, a limit is met, or the gateway stops.
  static Task<> serve(std::unique_ptr<Connection> connection);

 private:
  using TlsContext = std::shared_ptr<boost::asio::ssl::context>;
  Task<bool> shake_hands();
  // Answers a check, with reader_.  Otherwise its head is not whole yet, its answer has not gone
  // whole, or it is none: then objection_ tells what is wrong with it.
  enum class AtOnce { kAnswered, kEnds, kNotWhole, kUnsent, kNoCheck };
  AtOnce check_at_once();
  Task<> serve_requests();
  // Goes on from there.  True: another request may follow.
  Task<bool> serve_one(AtOnce so_far);
  // True: another request may follow.
  Task<bool> answer(RequestReader& reader);
  Task<bool> answer_web(RequestReader& reader, std::string_view host);
  Task<bool> answer_route(RequestReader& reader);
  Task<bool> send(const RequestReader& reader, const Response& response, bool is_body_read);
  Task<> send_last(unsigned status);
  bool keeps_alive(const RequestReader& reader) const {
    return reader.is_keep_alive() && !loop_.is_stopping();
  }

  EventLoop& loop_;
  const TlsContext tls_;  // outlives the stream
  Stream stream_;
  std::optional<RequestReader> reader_;  // of the request that is being served
  std::string out_;
  std::string_view unsent_;  // of out_, when a check's answer has not gone whole
  unsigned objection_ = 0;   // to the request, as a status; 0: none
  SteadyTime last_use_;
  const settings::Listener::Kind kind_;
  const IpAddress peer_;
  const SourceLimits::Place place_;
  std::optional<certs::TerminalIdentity> terminal_;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_CONNECTION_H_
