// One exchange with an application: the request to it and its answer back, bodies streamed both
// ways without being held whole.

#ifndef SEKISHO_GATEWAY_EXCHANGE_H_
#define SEKISHO_GATEWAY_EXCHANGE_H_

#include <memory>
#include <string>

#include "gateway/gate.h"
#include "gateway/proxied_request.h"
#include "gateway/response.h"
#include "gateway/session_watch.h"

namespace sekisho::gateway {

// A number below `count`, always the same for a person: a step-up or a new sign-in is another
// session, and must not lead to another server.  Numbers follow each other, so they are mixed first
// (Fibonacci hashing).
inline std::size_t spread(store::UserId user, std::size_t count) {
  const std::uint64_t mixed = static_cast<std::uint64_t>(user.value) * 0x9e3779b97f4a7c15U;
  return static_cast<std::size_t>(mixed >> 33) % count;
}

// A request that has no body and an answer that is there whole need no coroutine: begin_at_once(),
// then the caller awaits application().ready(), then finish_at_once().  Whatever they leave, run()
// takes up where it is.
class Exchange {
 public:
  Exchange(ProxiedRequest& request, const GateAnswer& allowed)
      : request_(request),
        index_(request.site->index_of(request.application)),
        targets_(request.site->upstreams[index_]),
        health_(request.site->settings.applications[index_].health),
        first_(spread(allowed.session->user->id, targets_.size())),
        user_(allowed.session->user),
        identity_token_(allowed.identity_token),
        limits_(request.site->settings.limits),
        answer_timeout_(request.site->settings.applications[index_].answer_timeout.value_or(
            limits_.upstream_answer_timeout)) {
    prepare();
  }

  // True: the request is on its way, on a kept connection.
  bool begin_at_once();
  Stream& application() { return *upstream_->stream; }
  // nullopt: something has still to be waited for.
  std::optional<bool> finish_at_once();

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

  static std::string_view name_of(Sent sent);
  void prepare();
  Task<bool> answer(const Response& response);
  void choose(const UpstreamTarget& target);
  void write_down_refused(const UpstreamTarget& target);
  Task<bool> open(bool may_reuse);
  Task<bool> connect(const UpstreamTarget& target);
  void note_failure();
  Task<error_code> send_head();
  Task<Sent> send_rest();
  Task<> send_body();
  Task<Sent> return_response();
  Task<Sent> return_upgrade();
  // False: the head is none that the client can be given.
  bool begin_answer();
  // Passes on what has come of the answer, as far as nothing has to be waited for.  nullopt: for
  // the client to read on while unsent_ holds anything, otherwise for the application.  Otherwise
  // whether the client has it whole.
  std::optional<bool> pass_on();
  void take_piece(std::string_view piece);
  bool break_off();
  Task<bool> return_body();
  bool end();
  // A long poll's answer comes to who may still have it.
  bool is_late() const;
  void count_failure();
  // Who asked for what, for a watch over what takes long.
  Admitted admitted() const;
  void watch();
  // The client went away, or what it asked for may not go on: nothing of that is the application's
  // failure.
  bool is_over() const {
    return is_client_gone_ || (watch_ && !watch_->goes_on()) ||
           (upstream_ && upstream_->stream->was_left());
  }
  bool is_request_whole() const { return !has_body_ || is_body_sent_; }
  void wait_for_upstream();

  ProxiedRequest& request_;
  const std::size_t index_;  // of the application
  const std::vector<UpstreamTarget>& targets_;
  const settings::HealthCheck& health_;
  // A person stays with one server as long as that is well: many keep what they know of a person
  // in memory.
  const std::size_t first_;
  const UpstreamTarget* target_ = nullptr;  // the one that was chosen last
  const std::shared_ptr<const authn::LiveUser> user_;
  const std::string_view identity_token_;  // looked at before anything is waited for
  const settings::Limits& limits_;
  const std::chrono::milliseconds answer_timeout_;
  std::unique_ptr<UpstreamConnection> upstream_;
  std::optional<ResponseReader> answer_;  // of upstream_
  std::string request_head_;
  std::string out_;                    // to the client
  std::string_view unsent_;            // of out_, or of the answer's buffer
  std::optional<Admitted> admitted_;   // with a body
  std::optional<SessionWatch> watch_;  // over what takes long
  bool is_upgrade_ = false;
  bool is_event_stream_ = false;  // the answer
  bool has_body_ = false;
  // A kept connection may have been closed by the application just now.  Another try is safe only
  // while nothing of the request can have had an effect: no body, a method without one.
  bool is_safe_to_repeat_ = false;
  bool is_asked_ = false;  // by begin_at_once()
  SteadyTime asked_at_;
  bool is_body_sent_ = false;
  bool is_head_request_ = false;
  bool client_keeps_alive_ = false;
  bool is_client_gone_ = false;
  bool gave_up_ = false;  // the rest of the body has no reader
  bool is_answering_ = false;
  bool is_writing_ = false;    // to the client, which is slow
  bool goes_chunked_ = false;  // the answer, to the client
  bool is_answer_read_ = false;
  bool may_keep_upstream_ = false;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_EXCHANGE_H_
