// A real Stream that receives what a test has in memory, so that the gateway's own readers read it.
#ifndef SEKISHO_TESTS_FUZZ_FED_STREAM_H_
#define SEKISHO_TESTS_FUZZ_FED_STREAM_H_

#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "gateway/message_reader.h"
#include "tests/fuzz/fuzz_target.h"

namespace sekisho::testing {

// Hands `bytes` out in pieces of `step` bytes, as if they came from the peer.
class FedStream {
 public:
  static constexpr std::size_t kWhole = std::string_view::npos;

  FedStream(std::string_view bytes, std::size_t step) : rest_(bytes), step_(step) {
    // Or the buffer would grow with each piece, which takes most of the time.
    constexpr std::size_t kOneRead = 4096;
    if (step != kWhole) stream().input().room(bytes.size() + 2 * kOneRead);
  }
  ~FedStream() {
    // One socket serves every input: nothing of this one may be left, not even its memory.
    gateway::InputBuffer& input = stream().input();
    input.consume(input.size());
    input.shrink();
  }
  FedStream(const FedStream&) = delete;
  FedStream& operator=(const FedStream&) = delete;

  // Of a socket whose peer says nothing and never closes.
  gateway::Stream& stream() {
    static gateway::asio::io_context context;
    static gateway::DeadlineSweep sweep;
    static gateway::Stream stream(quiet_socket(context), nullptr, sweep);
    return stream;
  }
  bool is_at_end() { return rest_.empty() && stream().input().empty(); }
  // Lets the next piece arrive; false: there is none.
  bool feed() {
    if (rest_.empty()) return false;
    const std::string_view piece = rest_.substr(0, step_);
    rest_.remove_prefix(piece.size());
    // A first piece gets memory of just its size, so that a byte read behind it is noticed.
    const auto room = stream().input().room(piece.size());
    promise(room.size() >= piece.size(), "there is room for a piece");
    std::memcpy(room.data(), piece.data(), piece.size());
    stream().input().commit(piece.size());
    return true;
  }

 private:
  static gateway::Socket quiet_socket(gateway::asio::io_context& context) {
    std::array<int, 2> ends{};  // the other end stays open
    promise(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "two sockets");
    gateway::Socket socket(context.get_executor());
    socket.assign({AF_UNIX, 0}, ends[0]);
    return socket;
  }

  std::string_view rest_;
  std::size_t step_;
};

// nullopt: the bytes end before the head does.
template <bool is_request>
std::optional<gateway::ReadOutcome> read_head(gateway::MessageReader<is_request>& reader,
                                              FedStream& wire) {
  if (wire.stream().input().empty()) wire.feed();
  while (true) {
    if (const auto outcome = reader.try_head()) return outcome;
    if (!wire.feed()) return std::nullopt;
  }
}

enum class BodyEnd { kWhole, kBroken, kCut };

struct ReadBody {
  std::string text;
  std::string chunked;  // the same in chunks, as it was handed out; without the last one
  BodyEnd end = BodyEnd::kWhole;
};

// As Exchange does.  kCut: the bytes end before the body does.
template <bool is_request>
ReadBody read_body(gateway::MessageReader<is_request>& reader, FedStream& wire) {
  ReadBody body;
  while (reader.has_body()) {
    const auto piece = reader.piece_at_hand();
    if (!piece) {
      if (wire.feed()) continue;
      body.end = BodyEnd::kCut;
      return body;
    }
    if (!*piece) {
      body.end = BodyEnd::kBroken;
      return body;
    }
    if ((*piece)->empty()) break;
    body.text.append(**piece);
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", (*piece)->size());
    body.chunked.append(size).append(**piece).append("\r\n");
  }
  return body;
}

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_FUZZ_FED_STREAM_H_
