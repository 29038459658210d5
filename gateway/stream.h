// One connection's bytes, with or without TLS, and its deadline.
//
// A Stream is watched by the event loop's sweep (event_loop.h), once a second, which closes it
// when its deadline has passed; whatever waits on it then ends with an error.  So a deadline
// costs a store, not a timer, and holds to within a second.

#ifndef SEKISHO_GATEWAY_STREAM_H_
#define SEKISHO_GATEWAY_STREAM_H_

#include <boost/asio/ssl/stream.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/net.h"

namespace sekisho::gateway {

using TlsStream = asio::ssl::stream<Socket>;
using SteadyTime = std::chrono::steady_clock::time_point;

class DeadlineSweep;

class Stream {
 public:
  // `context` is nullptr for plain TCP; otherwise it must outlive the handshake.
  Stream(Socket socket, asio::ssl::context* context, DeadlineSweep& sweep);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Task<error_code> handshake(asio::ssl::stream_base::handshake_type side);
  IoTask read_some(asio::mutable_buffer buffer);
  // Writes everything or fails.
  Task<error_code> write(std::string_view bytes);

  // Closes when nobody has moved the deadline until then.
  void expire_at(SteadyTime at) { deadline_ = at; }
  void expire_after(std::chrono::milliseconds wait) {
    deadline_ = std::chrono::steady_clock::now() + wait;
  }
  SteadyTime deadline() const { return deadline_; }

  // Says goodbye (close_notify and FIN), forgets what the peer still sends until it closes, too,
  // or the deadline passes, and closes.
  Task<> close_politely();
  void close();
  bool is_open() const;

  // Waiting for a next request: a graceful stop may close it at once.
  void set_idle(bool is_idle) { is_idle_ = is_idle; }

  SSL* tls() { return tls_ ? tls_->native_handle() : nullptr; }
  Socket& socket() { return tls_ ? tls_->next_layer() : *plain_; }

 private:
  std::string close_notify();

  std::optional<Socket> plain_;
  std::optional<TlsStream> tls_;
  SteadyTime deadline_ = SteadyTime::max();
  bool is_idle_ = false;
  DeadlineSweep& sweep_;
  Stream* previous_ = nullptr;  // in the sweep's list
  Stream* next_ = nullptr;
  friend class DeadlineSweep;
};

// The streams of one event loop.
class DeadlineSweep {
 public:
  // Closes every stream whose deadline is before `now`; the number closed.
  std::size_t close_expired(SteadyTime now);
  void close_idle();
  void close_all();
  std::size_t count() const { return count_; }

 private:
  friend class Stream;
  void add(Stream& stream);
  void remove(Stream& stream);
  Stream* first_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_STREAM_H_
