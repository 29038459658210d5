// The way back of an exchange: the application's answer to the client.

#include "base/log.h"
#include "base/text.h"
#include "gateway/chunk.h"
#include "gateway/exchange.h"
#include "gateway/health_checks.h"
#include "gateway/proxy_answers.h"
#include "gateway/proxy_heads.h"
#include "gateway/request_guard.h"
#include "gateway/tunnel.h"

namespace sekisho::gateway {
// The head goes out with the first piece, in one record; a piece by itself goes from where it was
// read to.
void Exchange::take_piece(std::string_view piece) {
  if (request_.record != nullptr) request_.record->bytes += piece.size();
  if (piece.empty()) {
    is_answer_read_ = true;
    if (goes_chunked_) out_.append(kLastChunk);
    unsent_ = out_;
  } else if (goes_chunked_) {
    append_chunk(out_, piece);
    unsent_ = out_;
  } else if (out_.empty()) {
    unsent_ = piece;
  } else {
    out_.append(piece);
    unsent_ = out_;
  }
}

// Broken in the middle: the client must see a broken body, never a padded one.
bool Exchange::break_off() {
  log::write(log::Level::kWarning, "upstream_body_broken",
             JsonObject().add("application", request_.application.name));
  count_failure();
  unsent_ = out_;
  (void)request_.stream.write_at_once(unsent_);
  request_.stream.close();
  return false;
}

std::optional<bool> Exchange::pass_on() {
  while (true) {
    if (!unsent_.empty()) {
      const auto written = request_.stream.write_at_once(unsent_);
      if (!written) return std::nullopt;
      if (*written) return false;
      out_.clear();
    }
    if (is_answer_read_) return true;
    if (answer_->has_body()) {
      const auto piece = answer_->piece_at_hand();
      if (!piece) return std::nullopt;
      if (!*piece) return break_off();
      take_piece(**piece);
    } else {
      take_piece({});
    }
  }
}

void Exchange::watch() {
  if (!watch_) watch_.emplace(request_.loop, request_.stream, *upstream_->stream, admitted());
  if (is_event_stream_) watch_->end_at_stop();
}

Task<bool> Exchange::return_body() {
  while (true) {
    if (const auto whole = pass_on()) co_return *whole;
    // What is not whole at once may outlive its session.
    watch();
    if (!unsent_.empty()) {
      request_.stream.expire_after(limits_.body_timeout);
      is_writing_ = true;
      const error_code lost = co_await request_.stream.write(unsent_);
      is_writing_ = false;
      if (lost) co_return false;
      unsent_ = {};
      out_.clear();
      continue;
    }
    // The head of what has no length does not wait for its first piece: that may be an event of
    // this afternoon.
    if (!out_.empty() && !answer_->content_length()) {
      unsent_ = out_;
      continue;
    }
    wait_for_upstream();
    // Who has taken what came so far is there, also with its half closed.
    upstream_->stream->work_for(&request_.stream);
    const auto piece = co_await answer_->next_piece(answer_timeout_);
    if (is_over()) co_return false;
    if (!piece) co_return break_off();
    take_piece(*piece);
  }
}

Task<Exchange::Sent> Exchange::return_upgrade() {
  client_keeps_alive_ = false;
  if (!is_upgrade_) co_return Sent::kMalformed;
  out_ = returned_response(answer_->head(), {false, true, true, std::nullopt});
  request_.stream.expire_after(limits_.body_timeout);
  if (co_await request_.stream.write(out_)) co_return Sent::kAnswered;
  request_.loop.counters().responses[1].add();
  request_.note_answer(101, 0);
  // Named, because g++ 12 frees temporaries of a co_await expression twice.
  Admitted asked = admitted();
  std::string from_client = request_.reader.take_rest();
  std::string from_application = answer_->take_rest();
  co_await run_tunnel(request_.loop, request_.stream, *upstream_->stream, std::move(asked),
                      std::move(from_client), std::move(from_application));
  co_return Sent::kAnswered;
}

bool Exchange::begin_answer() {
  const ResponseHead& head = answer_->head();
  if (!is_sound(head) || head.status < 200 || head.status > 599) return false;
  is_answering_ = true;
  const auto type = head.fields.find(http::field::content_type).value_or(std::string_view());
  constexpr std::string_view kEventStream = "text/event-stream";
  is_event_stream_ = equals_ignoring_case(type.substr(0, kEventStream.size()), kEventStream);
  // To an HTTP/1.0 client, or from an application that ends its body by closing, we cannot
  // keep the connection and a chunked body at once.
  const bool client_takes_chunks = request_.reader.head().version == 11;
  const bool has_body = answer_->has_body();
  goes_chunked_ = has_body && !answer_->content_length() && client_takes_chunks;
  if (has_body && !answer_->content_length() && !goes_chunked_) client_keeps_alive_ = false;
  if (!is_request_whole() || request_.loop.is_stopping()) client_keeps_alive_ = false;
  may_keep_upstream_ = answer_->is_keep_alive() && is_request_whole();
  request_.loop.counters().responses[head.status / 100].add();
  request_.note_answer(head.status, 0);
  out_ = returned_response(head, {goes_chunked_, client_keeps_alive_, false,
                                  answer_->content_length(), request_.loop.date()});
  return true;
}

Task<Exchange::Sent> Exchange::return_response() {
  constexpr int kMostInterim = 16;  // 1xx answers before the real one
  Stream& upstream = *upstream_->stream;
  for (int interim = 0; !is_answering_; ++interim) {
    if (interim > kMostInterim) co_return Sent::kMalformed;
    if (!answer_) {
      answer_.emplace(upstream, limits_.header_bytes);
      if (is_head_request_) answer_->expect_no_body();
      // Nobody answers before the question is through, so there is nothing to try at first.
      if (upstream.input().empty() && !upstream.has_pending()) (void)co_await upstream.ready();
    }
    auto outcome = answer_->try_head();
    if (!outcome) outcome = co_await answer_->read_head(answer_timeout_);
    if (outcome != ReadOutcome::kDone) {
      if (upstream.deadline() <= std::chrono::steady_clock::now()) co_return Sent::kLate;
      co_return *outcome == ReadOutcome::kClosed ? Sent::kNoAnswer : Sent::kMalformed;
    }
    const ResponseHead& head = answer_->head();
    if (!is_sound(head)) co_return Sent::kMalformed;
    if (head.status == 101) co_return co_await return_upgrade();
    if (head.status >= 100 && head.status < 200) {
      answer_.reset();
    } else if (is_late() && !may_go_on(request_.loop, admitted())) {
      const Admitted asked = admitted();
      const Response refused = signed_out(request_, asked.host, asked.target);
      client_keeps_alive_ = co_await answer(refused);
      co_return Sent::kAnswered;
    } else if (!begin_answer()) {
      co_return Sent::kMalformed;
    }
  }
  const bool is_whole = co_await return_body();
  if (!is_whole) client_keeps_alive_ = may_keep_upstream_ = false;
  co_return Sent::kAnswered;
}

std::optional<bool> Exchange::finish_at_once() {
  if (answer_->try_head() != ReadOutcome::kDone || is_late()) return std::nullopt;
  if (!begin_answer()) return std::nullopt;
  const auto whole = pass_on();
  if (!whole) return std::nullopt;
  if (!*whole) client_keeps_alive_ = may_keep_upstream_ = false;
  return end();
}

bool Exchange::is_late() const {
  constexpr std::chrono::seconds kSoon{1};
  return std::chrono::steady_clock::now() - asked_at_ >= kSoon;
}

// The answer has been passed on as far as it will be.
bool Exchange::end() {
  if (target_->health->note_answer(health_)) log_health(*target_, true);
  watch_.reset();
  answer_.reset();  // it has let go of the connection's buffer
  if (upstream_) upstream_->stream->work_for(nullptr);
  if (may_keep_upstream_) request_.loop.upstreams().keep(*target_, std::move(upstream_));
  return client_keeps_alive_ && request_.stream.is_open();
}

}  // namespace sekisho::gateway
