#include "gateway/message_reader.h"

#include <algorithm>

#include "base/text.h"
#include "gateway/request_guard.h"

namespace sekisho::gateway {
namespace {

constexpr std::size_t kFirstRead = 4096;
constexpr std::size_t kBodyRead = 64 * 1024;

void forget_texts(RequestHead& head) {
  head.method = head.target = {};
  head.fields.clear();
}

void forget_texts(ResponseHead& head) {
  head.reason = {};
  head.fields.clear();
}

}  // namespace

template <bool is_request>
MessageReader<is_request>::MessageReader(Stream& stream, std::size_t header_limit,
                                         std::size_t line_limit)
    : stream_(stream),
      buffer_(stream.input()),
      header_limit_(header_limit),
      line_limit_(line_limit),
      parser_(*head_) {
  parser_.eager(false);
  parser_.header_limit(static_cast<std::uint32_t>(header_limit));
  parser_.body_limit(boost::none);
}

template <bool is_request>
std::optional<ReadOutcome> MessageReader<is_request>::try_head() {
  while (!outcome_) {
    const std::string_view text = buffer_.text();
    const std::size_t end = text.find("\r\n\r\n", searched_ > 3 ? searched_ - 3 : 0);
    if (is_line_too_long(text)) {
      outcome_ = ReadOutcome::kLineTooLong;
    } else if (end != std::string_view::npos && end + 4 <= header_limit_) {
      outcome_ = take_head(text.substr(0, end + 4));
    } else if (text.size() >= header_limit_) {
      outcome_ = ReadOutcome::kTooLarge;
    } else if (!text.empty() && !could_begin_head(text, searched_)) {
      // A bare LF would make "\r\n\r\n" wait for ever; it is no HTTP of ours.
      outcome_ = ReadOutcome::kBroken;
    } else {
      searched_ = text.size();
      const auto read = stream_.try_read(buffer_.room(kFirstRead));
      if (!read) return std::nullopt;
      const auto [failed, count] = *read;
      if (failed) {
        outcome_ = buffer_.empty() ? ReadOutcome::kClosed : ReadOutcome::kBroken;
      } else {
        buffer_.commit(count);
      }
    }
  }
  return outcome_;
}

template <bool is_request>
bool MessageReader<is_request>::is_line_too_long(std::string_view text) const {
  return text.size() > line_limit_ &&
         text.substr(0, line_limit_ + 1).find('\r') == std::string_view::npos;
}

template <bool is_request>
ReadOutcome MessageReader<is_request>::take_head(std::string_view text) {
  if (!is_strict_head(text)) return ReadOutcome::kBroken;
  error_code failure;
  const std::size_t used = parser_.put(asio::const_buffer(text.data(), text.size()), failure);
  if (failure || !parser_.is_header_done()) {
    return failure == http::error::header_limit ? ReadOutcome::kTooLarge : ReadOutcome::kBroken;
  }
  to_consume_ = used;  // the head's views stay until the body is asked for
  return ReadOutcome::kDone;
}

template <bool is_request>
Task<ReadOutcome> MessageReader<is_request>::read_head(std::chrono::milliseconds head_timeout) {
  for (bool has_deadline = false;; has_deadline = true) {
    if (const auto outcome = try_head()) co_return *outcome;
    if (!has_deadline) stream_.expire_after(head_timeout);
    const auto [interrupted] = co_await stream_.ready();
    if (interrupted) co_return buffer_.empty() ? ReadOutcome::kClosed : ReadOutcome::kBroken;
  }
}

template <bool is_request>
std::optional<typename MessageReader<is_request>::Piece>
MessageReader<is_request>::piece_at_hand() {
  buffer_.consume(std::exchange(to_consume_, 0));
  // The buffer moves on: nobody may look at the head's texts any more.
  forget_texts(*head_);
  while (!parser_.is_done()) {
    if (buffer_.size() < least_) return std::nullopt;
    error_code failure;
    const std::string_view text = buffer_.text();
    const std::size_t used = parser_.put(asio::const_buffer(text.data(), text.size()), failure);
    if (failure && failure != http::error::need_more) return Piece();
    least_ = 1;
    const std::string_view piece = parser_.take_piece();
    if (!piece.empty()) {
      to_consume_ = used;
      return Piece(piece);
    }
    buffer_.consume(used);
    if (used > 0 || !failure) continue;
    // A chunk header that never ends is an attack, not a body.
    if (buffer_.size() > kBodyRead) return Piece();
    // Beast asserts that a last chunk, once it has seen "0\r\n", comes again with two bytes more.
    constexpr std::size_t kLastChunk = 5;
    const bool is_last = parser_.chunked() && text.front() == '0';
    least_ = std::max(buffer_.size() + 1, is_last ? kLastChunk : std::size_t{1});
  }
  return Piece(std::string_view());
}

template <bool is_request>
Task<typename MessageReader<is_request>::Piece> MessageReader<is_request>::next_piece(
    std::chrono::milliseconds timeout) {
  while (true) {
    if (const auto piece = piece_at_hand()) co_return *piece;
    stream_.expire_after(timeout);
    const auto [failed, count] = co_await stream_.read_some(buffer_.room(kBodyRead));
    buffer_.commit(count);
    if (!failed) continue;
    // Only a body without a length ends with the connection, and only with one that ended in order.
    if (failed != asio::error::eof || !parser_.need_eof()) co_return std::nullopt;
    error_code ended;
    parser_.put_eof(ended);
    if (ended) co_return std::nullopt;
    co_return std::string_view();
  }
}

template <bool is_request>
std::string MessageReader<is_request>::take_rest() {
  buffer_.consume(std::exchange(to_consume_, 0));
  forget_texts(*head_);
  std::string rest(buffer_.text());
  buffer_.consume(rest.size());
  return rest;
}

template <bool is_request>
std::optional<std::uint64_t> MessageReader<is_request>::content_length() const {
  const auto length = parser_.content_length();
  if (!length) return std::nullopt;
  return *length;
}

template <bool is_request>
unsigned MessageReader<is_request>::objection() {
  if constexpr (is_request) return take_origin_form(*head_) ? objection_to(*head_) : 400;
  return 0;
}

template class MessageReader<true>;
template class MessageReader<false>;

Task<error_code> invite_body(const RequestReader& reader, Stream& client,
                             std::chrono::milliseconds timeout) {
  const RequestHead& head = reader.head();
  const auto expect = head.fields.find(http::field::expect);
  const bool waits = head.version >= 11 && reader.has_body() && expect &&
                     equals_ignoring_case(*expect, "100-continue");
  if (!waits) co_return error_code();
  client.expire_after(timeout);
  co_return co_await client.write("HTTP/1.1 100 Continue\r\n\r\n");
}

Task<WholeBody> read_whole(RequestReader& reader, Stream& client, std::size_t limit,
                           std::chrono::milliseconds timeout) {
  WholeBody body;
  if (reader.content_length().value_or(0) > limit) {
    body.is_too_large = true;
    co_return body;
  }
  if (co_await invite_body(reader, client, timeout)) co_return body;
  std::string text;
  const SteadyTime end = std::chrono::steady_clock::now() + timeout;
  while (true) {
    const auto left = end - std::chrono::steady_clock::now();
    const auto piece = co_await reader.next_piece(
        std::max(std::chrono::duration_cast<std::chrono::milliseconds>(left), {}));
    if (!piece) co_return body;
    if (piece->empty()) break;
    if (text.size() + piece->size() > limit) {
      body.is_too_large = true;
      co_return body;
    }
    text.append(*piece);
  }
  body.text = std::move(text);
  co_return body;
}

}  // namespace sekisho::gateway
