// One exchange with an application: the request to it and its answer back, bodies streamed both
// ways without being held whole.

#ifndef SEKISHO_GATEWAY_EXCHANGE_H_
#define SEKISHO_GATEWAY_EXCHANGE_H_

#include <memory>
#include <string>

#include "gateway/proxy.h"
#include "gateway/response.h"

namespace sekisho::gateway {

class Exchange {
 public:
  Exchange(ProxiedRequest& request, const UpstreamTarget& target, authn::LiveSession session)
      : request_(request),
        target_(target),
        session_(std::move(session)),
        limits_(request.site->settings.limits) {}

  // True: the client's connection may be used for another request.
  Task<bool> run();

 private:
  // What came of sending a request to an application.
  enum class Sent {
    kAnswered,   // an answer went to the client, whole or broken
    kNoAnswer,   // not a byte of an answer came, and the connection is gone
    kLate,       // none came in time
    kMalformed,  // what came is no answer
  };

  Task<bool> answer(const Response& response);
  Task<bool> open(bool may_reuse);
  Task<bool> invite_body();
  Task<Sent> send();
  Task<> send_body();
  Task<Sent> return_response();
  Task<Sent> return_upgrade(ResponseReader& reader);
  Task<bool> return_body(ResponseReader& reader, std::string& out, bool is_chunked);
  bool is_request_whole() const { return !has_body_ || is_body_sent_; }
  void wait_for_upstream();

  ProxiedRequest& request_;
  const UpstreamTarget& target_;
  const authn::LiveSession session_;  // a copy: the view may move on while we wait
  const settings::Limits& limits_;
  std::unique_ptr<UpstreamConnection> upstream_;
  InputBuffer upstream_buffer_;
  std::string request_head_;
  bool is_upgrade_ = false;
  bool has_body_ = false;
  bool is_body_sent_ = false;
  bool is_head_request_ = false;
  bool client_keeps_alive_ = false;
  bool is_client_gone_ = false;
  bool gave_up_ = false;  // the rest of the body has no reader
  bool is_answering_ = false;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_EXCHANGE_H_
