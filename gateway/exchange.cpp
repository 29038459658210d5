#include "gateway/exchange.h"

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "gateway/chunk.h"
#include "gateway/cookies.h"
#include "gateway/health_checks.h"
#include "gateway/proxy_answers.h"
#include "gateway/proxy_heads.h"

namespace sekisho::gateway {
namespace {

std::string address_of(const UpstreamTarget& target) {
  return target.address.host + ":" + std::to_string(target.address.port);
}

}  // namespace

std::string_view Exchange::name_of(Sent sent) {
  switch (sent) {
    case Sent::kAnswered:
      return "answered";
    case Sent::kNoAnswer:
      return "closed without an answer";
    case Sent::kLate:
      return "no answer in time";
    case Sent::kMalformed:
      return "an answer that is none";
  }
  return "";
}

// RFC 9110 section 4.3.4: a client that nobody watches must log a bad certificate.
void Exchange::write_down_refused(const UpstreamTarget& target) {
  AccessNote note;
  note.event = "upstream";
  note.at = request_.loop.shared().clock.now();
  note.application = request_.application.name;
  note.client = address_of(target);
  note.door = kProxyDoor;
  note.reason = "bad_certificate";
  request_.loop.notes().add(std::move(note));
  request_.site->counters->refused_certificate(index_);
}

void Exchange::choose(const UpstreamTarget& target) {
  target_ = &target;
  if (request_.record == nullptr) return;
  request_.record->upstream = address_of(target);
}

void Exchange::count_failure() {
  request_.loop.counters().upstream_failures.add();
  request_.site->counters->failed(index_);
}

// A body that was not read would be taken for the next request.
Task<bool> Exchange::answer(const Response& response) {
  return give(request_, response, client_keeps_alive_ && is_request_whole());
}

// That a server cannot be reached has had no effect on anything, so the next may be tried.
Task<bool> Exchange::open(bool may_reuse) {
  request_.stream.expire_at(SteadyTime::max());  // connecting has its own deadlines
  const auto now = std::chrono::steady_clock::now();
  std::array<bool, settings::kMostUpstreams> was_asked{};
  for (const bool asks_the_sick : {false, true}) {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      const UpstreamTarget& target = targets_[(first_ + i) % targets_.size()];
      if (was_asked.at(i)) continue;
      // The others only when no server is well: an answer that fails is no worse than none.
      if (!asks_the_sick && !target.health->may_ask(health_, now)) continue;
      was_asked.at(i) = true;
      choose(target);
      if (may_reuse) upstream_ = request_.loop.upstreams().take(target);
      if (upstream_) co_return true;
      if (co_await connect(target)) co_return true;
    }
  }
  co_return false;
}

Task<bool> Exchange::connect(const UpstreamTarget& target) {
  auto connected = co_await request_.loop.upstreams().connect(target);
  if (!connected) {
    note_failure();
    if (connected.error().code == ErrorCode::kInvalid) write_down_refused(target);
    log::write(log::Level::kWarning, "upstream_failed",
               JsonObject()
                   .add("application", request_.application.name)
                   .add("upstream", address_of(target))
                   .add("error", connected.error().message));
    co_return false;
  }
  upstream_ = std::move(*connected);
  co_return true;
}

void Exchange::note_failure() {
  count_failure();
  if (target_->health->note_failure(health_, std::chrono::steady_clock::now())) {
    log_health(*target_, false);
  }
}

// While the application thinks, the client has nothing to do: the upstream's deadline holds.  A
// client that is still sending keeps its own.
void Exchange::wait_for_upstream() {
  if (is_request_whole()) request_.stream.expire_at(SteadyTime::max());
}

// Streams the body; one piece is in memory at a time.  Only who is waited for has a deadline, or
// the one would be hung up on, and blamed, for the other's delay.
Task<> Exchange::send_body() {
  const bool is_chunked = request_.reader.is_chunked();
  std::string chunk;
  while (true) {
    upstream_->stream->expire_at(SteadyTime::max());
    const auto piece = co_await request_.reader.next_piece(limits_.body_timeout);
    if (!is_writing_) request_.stream.expire_at(SteadyTime::max());
    if (!piece) {
      if (gave_up_) co_return;
      // The client went away in the middle: the application must not take it for the whole.
      is_client_gone_ = true;
      upstream_->stream->close();
      co_return;
    }
    upstream_->stream->expire_after(limits_.body_timeout);
    if (piece->empty()) break;
    std::string_view bytes = *piece;
    if (is_chunked) {
      chunk.clear();
      append_chunk(chunk, *piece);
      bytes = chunk;
    }
    // An application that stops reading may have answered already; that is being read.
    if (co_await upstream_->stream->write(bytes)) co_return;
  }
  if (is_chunked) {
    if (co_await upstream_->stream->write(kLastChunk)) co_return;
  }
  is_body_sent_ = true;
  upstream_->stream->expire_after(answer_timeout_);
  // An answer that is being written has a deadline of its own.
  if (!is_writing_) wait_for_upstream();
}

// The rest of the request, and the answer: both flow at once.
Task<Exchange::Sent> Exchange::send_rest() {
  using namespace asio::experimental::awaitable_operators;
  Stream& upstream = *upstream_->stream;
  watch();  // an upload may outlive its session
  const auto receive = [](Exchange& exchange, Stream& stream) -> Task<Sent> {
    const Sent sent = co_await exchange.return_response();
    if (!exchange.is_body_sent_) {
      // An answer before the end of the request, or none: nobody will read the rest.
      exchange.gave_up_ = true;
      error_code ignored;
      exchange.request_.stream.socket().cancel(ignored);
      stream.close();
    }
    co_return sent;
  };
  co_return co_await (send_body() && receive(*this, upstream));
}

Admitted Exchange::admitted() const {
  if (admitted_) return *admitted_;
  const RequestHead& head = request_.reader.head();
  return {request_.application.name, std::string(head.target),
          std::string(cookie(head.fields, request_.site->session_cookie).value_or("")),
          request_.client, std::string(request_.host)};
}

void Exchange::prepare() {
  const RequestHead& head = request_.reader.head();
  client_keeps_alive_ = request_.reader.is_keep_alive() && !request_.loop.is_stopping();
  has_body_ = request_.reader.has_body();
  is_head_request_ = head.verb == http::verb::head;
  is_safe_to_repeat_ = !has_body_ && (head.verb == http::verb::get || is_head_request_ ||
                                      head.verb == http::verb::options);
  const auto& entry = request_.site->settings.applications[index_];
  const auto upgrade = head.fields.find(http::field::upgrade);
  is_upgrade_ = upgrade && request_.reader.is_upgrade() && entry.allows_websocket && !has_body_ &&
                equals_ignoring_case(*upgrade, "websocket") && head.verb == http::verb::get &&
                head.version == 11;
  const std::string client = request_.client.text();
  request_head_ = forwarded_request(
      head, {*user_, request_.host, client, identity_token_, is_upgrade_,
             has_body_ && request_.reader.is_chunked(),
             request_.reader.is_chunked() ? std::nullopt : request_.reader.content_length(),
             max_forwards(head)});
  if (has_body_) admitted_ = admitted();  // the head's texts go with its body
}

bool Exchange::begin_at_once() {
  if (!is_safe_to_repeat_) return false;
  const UpstreamTarget& target = targets_[first_];
  if (!target.health->is_up()) return false;
  upstream_ = request_.loop.upstreams().take(target);
  if (!upstream_) return false;
  choose(target);
  std::string_view unsent = request_head_;
  const auto written = upstream_->stream->write_at_once(unsent);
  if (!written || *written) {
    upstream_.reset();  // run() asks again: it is safe to
    return false;
  }
  asked_at_ = std::chrono::steady_clock::now();
  upstream_->stream->expire_at(asked_at_ + answer_timeout_);
  upstream_->stream->work_for(&request_.stream);
  wait_for_upstream();
  answer_.emplace(*upstream_->stream, limits_.header_bytes);
  if (is_head_request_) answer_->expect_no_body();
  is_asked_ = true;
  return true;
}

Task<error_code> Exchange::send_head() {
  asked_at_ = std::chrono::steady_clock::now();
  upstream_->stream->expire_at(asked_at_ + answer_timeout_);
  upstream_->stream->work_for(&request_.stream);
  wait_for_upstream();
  return upstream_->stream->write(request_head_);
}

Task<bool> Exchange::run() {
  if (has_body_) {
    if (co_await invite_body(request_.reader, request_.stream, limits_.body_timeout)) {
      co_return false;
    }
  }
  Sent sent = Sent::kNoAnswer;
  for (bool may_reuse : {true, false}) {
    error_code lost;
    if (!std::exchange(is_asked_, false)) {
      if (!co_await open(may_reuse)) {
        const Response failure = problem(request_, 502);
        co_return co_await answer(failure);
      }
      lost = co_await send_head();
    }
    const bool was_reused = upstream_->is_reused;
    if (lost) {
      sent = Sent::kNoAnswer;
    } else if (has_body_) {
      sent = co_await send_rest();
    } else {
      sent = co_await return_response();
    }
    if (is_over()) co_return false;
    if (sent == Sent::kAnswered) co_return end();
    watch_.reset();
    answer_.reset();
    upstream_.reset();
    if (sent != Sent::kNoAnswer || !was_reused || !is_safe_to_repeat_) break;
  }
  note_failure();
  log::write(log::Level::kWarning, "upstream_gave_no_answer",
             JsonObject()
                 .add("application", request_.application.name)
                 .add("upstream", address_of(*target_))
                 .add("what", name_of(sent)));
  const Response failure = problem(request_, sent == Sent::kLate ? 504 : 502);
  co_return co_await answer(failure);
}

}  // namespace sekisho::gateway
