// Reads messages from a Stream through one buffer that is kept for the connection's life.

#ifndef SEKISHO_GATEWAY_MESSAGE_READER_H_
#define SEKISHO_GATEWAY_MESSAGE_READER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/http_message.h"
#include "gateway/stream.h"

namespace sekisho::gateway {

class InputBuffer {
 public:
  std::string_view text() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Room for at least `least` bytes more; views into text() end here.
  asio::mutable_buffer room(std::size_t least);
  void commit(std::size_t count) { end_ += count; }
  // Gives the memory back, where nothing is in it: an idle connection needs none.
  void shrink() {
    if (!empty()) return;
    bytes_.reset();
    size_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

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
  kClosed,    // the peer closed, or the deadline passed, before a message began
  kBroken,    // closed in the middle, or the bytes are no HTTP
  kTooLarge,  // the head is over its limit
};

// One message: read_head, then next_piece until it returns an empty piece.
template <bool is_request>
class MessageReader {
 public:
  using Head = typename MessageParser<is_request>::Head;
  MessageReader(Stream& stream, InputBuffer& buffer, std::size_t header_limit);
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
  Task<std::optional<std::string_view>> next_piece(std::chrono::milliseconds timeout);

  // What came behind the head, when it is no message any more (an upgrade).
  std::string take_rest();

  bool has_body() const { return !parser_.is_done(); }
  bool is_chunked() const { return parser_.chunked(); }
  bool is_keep_alive() const { return parser_.keep_alive() && !parser_.need_eof(); }
  bool ends_with_connection() const { return parser_.need_eof(); }
  bool is_upgrade() const { return parser_.upgrade(); }
  std::optional<std::uint64_t> content_length() const;
  // Of a response to HEAD or another without a body in spite of its fields.
  void expect_no_body() { parser_.skip(true); }

 private:
  ReadOutcome take_head(std::string_view text);

  Stream& stream_;
  InputBuffer& buffer_;
  std::size_t header_limit_;
  SpareHead<Head> head_;
  MessageParser<is_request> parser_;
  std::optional<ReadOutcome> outcome_;  // of the head
  std::size_t searched_ = 0;            // of the buffer, for the end of the head
  std::size_t to_consume_ = 0;          // of the piece last returned
};

using RequestReader = MessageReader<true>;
using ResponseReader = MessageReader<false>;

// A whole body of at most `limit` bytes, all of it within `timeout`.  nullopt with `is_too_large`
// told, or broken.
struct WholeBody {
  std::optional<std::string> text;
  bool is_too_large = false;
};
Task<WholeBody> read_whole(RequestReader& reader, std::size_t limit,
                           std::chrono::milliseconds timeout);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_MESSAGE_READER_H_
