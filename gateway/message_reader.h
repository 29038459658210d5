// Reads messages from a Stream, whose input buffer goes from one message to the next.

#ifndef SEKISHO_GATEWAY_MESSAGE_READER_H_
#define SEKISHO_GATEWAY_MESSAGE_READER_H_

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/http_message.h"
#include "gateway/stream.h"

namespace sekisho::gateway {

// A head on loan.  It holds 5 KiB of views, so that each thread keeps some for the next message.
template <typename Head>
class SpareHead {
 public:
  SpareHead() {
    if (spare().empty()) {
      head_ = std::make_unique<Head>();
    } else {
      head_ = std::move(spare().back());
      spare().pop_back();
    }
  }
  ~SpareHead() {
    constexpr std::size_t kMostSpare = 64;
    if (spare().size() < kMostSpare) spare().push_back(std::move(head_));
  }
  SpareHead(const SpareHead&) = delete;
  SpareHead& operator=(const SpareHead&) = delete;
  Head& operator*() const { return *head_; }

 private:
  static std::vector<std::unique_ptr<Head>>& spare() {
    thread_local std::vector<std::unique_ptr<Head>> heads;
    return heads;
  }
  std::unique_ptr<Head> head_;
};

enum class ReadOutcome {
  kDone,
  kClosed,       // the peer closed, or the deadline passed, before a message began
  kBroken,       // closed in the middle, or the bytes are no HTTP
  kTooLarge,     // the head is over its limit
  kLineTooLong,  // its first line is over its own
};

// One message: read_head, then next_piece until it returns an empty piece.
template <bool is_request>
class MessageReader {
 public:
  using Head = typename MessageParser<is_request>::Head;
  // `line_limit` is a request's, for its first line without the end of it.
  MessageReader(Stream& stream, std::size_t header_limit,
                std::size_t line_limit = std::numeric_limits<std::size_t>::max());
  // Leaves the buffer at the first byte after what was read.
  ~MessageReader() { buffer_.consume(to_consume_); }
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  // All of it within `head_timeout`.
  Task<ReadOutcome> read_head(std::chrono::milliseconds head_timeout);
  // The same of what is there already; nullopt: not the whole of it.
  std::optional<ReadOutcome> try_head();
  // Texts and fields are there until the body is asked for.
  const Head& head() const { return *head_; }
  // What is wrong with a request's head, as an HTTP status; 0: nothing, and its target is in origin
  // form.
  unsigned objection();

  // The next piece of the body, valid until the next call; empty at the end.  nullopt: broken.
  // Each byte from the peer moves the deadline by `timeout`.
  using Piece = std::optional<std::string_view>;
  Task<Piece> next_piece(std::chrono::milliseconds timeout);
  // The same of what has been read already; nullopt: not enough has.
  std::optional<Piece> piece_at_hand();

  // What came behind the head, when it is no message any more (an upgrade).
  std::string take_rest();

  bool has_body() const { return !parser_.is_done(); }
  bool is_chunked() const { return parser_.chunked(); }
  // An HTTP/1.0 client would have to be told that its connection is kept: it is not.
  bool is_keep_alive() const {
    return parser_.keep_alive() && !parser_.need_eof() && (!is_request || (*head_).version >= 11);
  }
  bool ends_with_connection() const { return parser_.need_eof(); }
  bool is_upgrade() const { return parser_.upgrade(); }
  std::optional<std::uint64_t> content_length() const;
  // Of a response to HEAD or another without a body in spite of its fields.
  void expect_no_body() { parser_.skip(true); }

 private:
  ReadOutcome take_head(std::string_view text);
  bool is_line_too_long(std::string_view text) const;

  Stream& stream_;
  InputBuffer& buffer_;
  std::size_t header_limit_;
  std::size_t line_limit_;
  SpareHead<Head> head_;
  MessageParser<is_request> parser_;
  std::optional<ReadOutcome> outcome_;  // of the head
  std::size_t searched_ = 0;            // of the buffer, for the end of the head
  std::size_t to_consume_ = 0;          // of the piece last returned
  std::size_t least_ = 1;               // bytes with which the parser can be asked again
};

using RequestReader = MessageReader<true>;
using ResponseReader = MessageReader<false>;

// To a client that waits for it before it sends a body (RFC 9110 section 10.1.1): says that it may.
// Before the body is asked for.
Task<error_code> invite_body(const RequestReader& reader, Stream& client,
                             std::chrono::milliseconds timeout);

// A whole body of at most `limit` bytes, all of it within `timeout`, which `client` is invited to
// send.  nullopt with `is_too_large` told, or broken.
struct WholeBody {
  std::optional<std::string> text;
  bool is_too_large = false;
};
Task<WholeBody> read_whole(RequestReader& reader, Stream& client, std::size_t limit,
                           std::chrono::milliseconds timeout);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_MESSAGE_READER_H_
