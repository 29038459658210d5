#include "gateway/exchange.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <charconv>

#include "base/log.h"
#include "base/text.h"
#include "gateway/cookies.h"
#include "gateway/health_checks.h"
#include "gateway/proxy_answers.h"
#include "gateway/proxy_heads.h"
#include "gateway/request_guard.h"
#include "gateway/tunnel.h"

namespace sekisho::gateway {
namespace {

// A chunk of a chunked body: size, CR LF, bytes, CR LF.
void append_chunk(std::string& out, std::string_view piece) {
  char size[20];
  const auto [end, problem] = std::to_chars(size, size + sizeof size, piece.size(), 16);
  if (problem == std::errc()) out.append(size, end);
  out.append("\r\n").append(piece).append("\r\n");
}

}  // namespace

void Exchange::count_failure() {
  request_.loop.counters().upstream_failures.add();
  request_.site->counters->failed(index_);
}

Task<bool> Exchange::answer(const Response& response) {
  // A body that was not read would be taken for the next request.
  const bool keeps_alive = client_keeps_alive_ && is_request_whole();
  std::string out;
  append_response(out, response, request_.loop.date(), keeps_alive, is_head_request_);
  request_.loop.counters().responses[response.status / 100].add();
  request_.stream.expire_after(limits_.body_timeout);
  const error_code failed = co_await request_.stream.write(out);
  co_return !failed && keeps_alive;
}

// That a server cannot be reached has had no effect on anything, so the next may be tried.
Task<bool> Exchange::open(bool may_reuse) {
  request_.stream.expire_at(SteadyTime::max());  // connecting has its own deadlines
  const auto now = std::chrono::steady_clock::now();
  for (const bool asks_the_sick : {false, true}) {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      const UpstreamTarget& target = targets_[(first_ + i) % targets_.size()];
      // The others only when no server is well: an answer that fails is no worse than none.
      if (target.health->is_usable(now) == asks_the_sick) continue;
      target_ = &target;
      if (may_reuse) upstream_ = request_.loop.upstreams().take(target);
      if (upstream_ || co_await connect(target)) co_return true;
    }
  }
  co_return false;
}

Task<bool> Exchange::connect(const UpstreamTarget& target) {
  auto connected = co_await request_.loop.upstreams().connect(target);
  if (!connected) {
    note_failure();
    log::write(log::Level::kWarning, "upstream_failed",
               JsonObject()
                   .add("application", request_.application.name)
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

Task<bool> Exchange::invite_body() {
  const RequestHead& head = request_.reader.head();
  const auto expect = head.fields.find(http::field::expect);
  if (head.version < 11 || !expect || !equals_ignoring_case(*expect, "100-continue"))
    co_return true;
  request_.stream.expire_after(limits_.body_timeout);
  co_return !co_await request_.stream.write("HTTP/1.1 100 Continue\r\n\r\n");
}

// Streams the body; one piece is in memory at a time.
Task<> Exchange::send_body() {
  const bool is_chunked = request_.reader.is_chunked();
  std::string chunk;
  while (true) {
    const auto piece = co_await request_.reader.next_piece(limits_.body_timeout);
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
  if (is_chunked && co_await upstream_->stream->write("0\r\n\r\n")) co_return;
  is_body_sent_ = true;
  upstream_->stream->expire_after(answer_timeout_);
  // An answer that is being written has a deadline of its own.
  if (!is_answering_) wait_for_upstream();
}

// The rest of the request, and the answer: both flow at once.
Task<Exchange::Sent> Exchange::send_rest() {
  using namespace asio::experimental::awaitable_operators;
  Stream& upstream = *upstream_->stream;
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

// `out` begins as the head, which goes out with the first piece in one record.
Task<bool> Exchange::return_body(ResponseReader& reader, std::string& out, bool is_chunked) {
  std::optional<SessionWatch> watch;
  while (reader.has_body()) {
    const auto at_hand = reader.piece_at_hand();
    const auto piece = at_hand ? *at_hand : co_await reader.next_piece(answer_timeout_);
    if (!piece) {
      if (watch && !watch->goes_on()) co_return false;
      // Broken in the middle: the client must see a broken body, never a padded one.
      log::write(log::Level::kWarning, "upstream_body_broken",
                 JsonObject().add("application", request_.application.name));
      count_failure();
      if (!out.empty()) (void)co_await request_.stream.write(out);
      request_.stream.close();
      co_return false;
    }
    if (piece->empty()) break;
    std::string_view bytes = out;
    if (is_chunked) {
      append_chunk(out, *piece);
      bytes = out;
    } else if (out.empty()) {
      bytes = *piece;
    } else {
      out.append(*piece);
      bytes = out;
    }
    request_.stream.expire_after(limits_.body_timeout);
    auto written = request_.stream.write_at_once(bytes);
    if (!written) written = co_await request_.stream.write(bytes);
    if (*written) co_return false;
    wait_for_upstream();
    out.clear();
    // What is not whole with its first piece may outlive its session.
    if (!watch && reader.has_body())
      watch.emplace(request_.loop, request_.stream, *upstream_->stream, admitted());
  }
  if (is_chunked) out.append("0\r\n\r\n");
  if (out.empty()) co_return true;
  request_.stream.expire_after(limits_.body_timeout);
  co_return !co_await request_.stream.write(out);
}

Admitted Exchange::admitted() const {
  if (admitted_) return *admitted_;
  const RequestHead& head = request_.reader.head();
  return {request_.application.name, std::string(head.target),
          std::string(cookie(head.fields, request_.site->session_cookie).value_or("")),
          request_.client};
}

Task<Exchange::Sent> Exchange::return_upgrade(ResponseReader& reader) {
  client_keeps_alive_ = false;
  if (!is_upgrade_) co_return Sent::kMalformed;
  const std::string out = returned_response(reader.head(), {false, true, true, std::nullopt});
  request_.stream.expire_after(limits_.body_timeout);
  if (co_await request_.stream.write(out)) co_return Sent::kAnswered;
  request_.loop.counters().responses[1].add();
  // Named, because g++ 12 frees temporaries of a co_await expression twice.
  Admitted asked = admitted();
  std::string from_client = request_.reader.take_rest();
  std::string from_application = reader.take_rest();
  co_await run_tunnel(request_.loop, request_.stream, *upstream_->stream, std::move(asked),
                      std::move(from_client), std::move(from_application));
  co_return Sent::kAnswered;
}

Task<Exchange::Sent> Exchange::return_response() {
  constexpr int kMostInterim = 16;  // 1xx answers before the real one
  for (int interim = 0; interim <= kMostInterim; ++interim) {
    Stream& upstream = *upstream_->stream;
    ResponseReader reader(upstream, limits_.header_bytes);
    if (is_head_request_) reader.expect_no_body();
    // Nobody answers before the question is through, so there is nothing to try at first.
    if (upstream.input().empty() && !upstream.has_pending()) (void)co_await upstream.ready();
    const auto at_once = reader.try_head();
    const ReadOutcome outcome = at_once ? *at_once : co_await reader.read_head(answer_timeout_);
    if (outcome != ReadOutcome::kDone) {
      if (upstream_->stream->deadline() <= std::chrono::steady_clock::now()) co_return Sent::kLate;
      co_return outcome == ReadOutcome::kClosed ? Sent::kNoAnswer : Sent::kMalformed;
    }
    const ResponseHead& head = reader.head();
    if (!is_sound(head)) co_return Sent::kMalformed;
    if (head.status == 101) co_return co_await return_upgrade(reader);
    if (head.status < 100 || head.status > 599) co_return Sent::kMalformed;
    if (head.status < 200) continue;
    is_answering_ = true;
    // To an HTTP/1.0 client, or from an application that ends its body by closing, we cannot
    // keep the connection and a chunked body at once.
    const bool client_takes_chunks = request_.reader.head().version == 11;
    const bool has_body = reader.has_body();
    const bool goes_chunked = has_body && !reader.content_length() && client_takes_chunks;
    if (has_body && !reader.content_length() && !goes_chunked) client_keeps_alive_ = false;
    if (!is_request_whole() || request_.loop.is_stopping()) client_keeps_alive_ = false;
    const bool may_keep_upstream = reader.is_keep_alive() && is_request_whole();
    request_.loop.counters().responses[std::min(head.status / 100, 5U)].add();
    std::string out = returned_response(
        head, {goes_chunked, client_keeps_alive_, false, reader.content_length()});
    if (!co_await return_body(reader, out, goes_chunked)) {
      client_keeps_alive_ = false;
    } else {
      is_upstream_reusable_ = may_keep_upstream;
    }
    co_return Sent::kAnswered;
  }
  co_return Sent::kMalformed;
}

Task<bool> Exchange::run() {
  const RequestHead& head = request_.reader.head();
  client_keeps_alive_ = request_.reader.is_keep_alive() && !request_.loop.is_stopping();
  has_body_ = request_.reader.has_body();
  is_head_request_ = head.verb == http::verb::head;
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

  if (has_body_) {
    admitted_ = admitted();  // the head's texts go with its body
    if (!co_await invite_body()) co_return false;
  }
  // A kept connection may have been closed by the application just now.  Another try is safe only
  // while nothing of the request can have had an effect: no body, a method without one.
  const bool is_safe_to_repeat = !has_body_ && (head.verb == http::verb::get || is_head_request_ ||
                                                head.verb == http::verb::options);
  Sent sent = Sent::kNoAnswer;
  for (bool may_reuse : {true, false}) {
    if (!co_await open(may_reuse)) {
      const Response failure = problem(request_, 502);
      co_return co_await answer(failure);
    }
    const bool was_reused = upstream_->is_reused;
    upstream_->stream->expire_after(answer_timeout_);
    wait_for_upstream();
    std::string_view head_text = request_head_;
    auto written = upstream_->stream->write_at_once(head_text);
    if (!written) written = co_await upstream_->stream->write(head_text);
    if (*written) {
      sent = Sent::kNoAnswer;
    } else if (has_body_) {
      sent = co_await send_rest();
    } else {
      sent = co_await return_response();
    }
    if (is_client_gone_) co_return false;
    if (sent == Sent::kAnswered) {
      if (target_->health->note_answer(health_)) log_health(*target_, true);
      // Only now: the reader of the answer has let go of the connection's buffer.
      if (is_upstream_reusable_) request_.loop.upstreams().keep(*target_, std::move(upstream_));
      co_return client_keeps_alive_&& request_.stream.is_open();
    }
    upstream_.reset();
    if (sent != Sent::kNoAnswer || !was_reused || !is_safe_to_repeat) break;
  }
  note_failure();
  log::write(log::Level::kWarning, "upstream_gave_no_answer",
             JsonObject().add("application", request_.application.name));
  const Response failure = problem(request_, sent == Sent::kLate ? 504 : 502);
  co_return co_await answer(failure);
}

}  // namespace sekisho::gateway
