// One connection's bytes, with or without TLS, and its deadline.
//
// OpenSSL reads and writes the socket itself (socket_bio.h), and Asio only says when it is ready.
// Asio's own TLS stream carries every byte through two more buffers, and keeps four of them, 68
// KiB, for each connection that is idle.
//
// A Stream is watched by the event loop's sweep (deadline_sweep.h), once a second, which closes it
// when its deadline has passed; whatever waits on it then ends with an error.  So a deadline
// costs a store, not a timer, and holds to within a second.

#ifndef SEKISHO_GATEWAY_STREAM_H_
#define SEKISHO_GATEWAY_STREAM_H_

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <memory>
#include <optional>
#include <string_view>

#include "gateway/deadline_sweep.h"
#include "gateway/input_buffer.h"
#include "gateway/net.h"
#include "gateway/socket_bio.h"

namespace sekisho::gateway {

class Stream {
 public:
  using Outcome = std::tuple<error_code, std::size_t>;
  enum class Side { kClient, kServer };

  // `context` is nullptr for plain TCP; otherwise it must outlive the handshake.
  Stream(Socket socket, asio::ssl::context* context, DeadlineSweep& sweep);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Task<error_code> handshake(Side side);

  // At least one byte, or an error: eof when the peer ended in order, stream_truncated when TLS
  // ended without saying so.
  IoTask read_some(asio::mutable_buffer buffer);
  // The same without waiting; nullopt: there is nothing yet, await ready().
  std::optional<Outcome> try_read(asio::mutable_buffer buffer);
  // Waits until it is worth trying to read again, and gives the others their turn (Wire::kTurn). No
  // coroutine of its own: the caller awaits the operation itself.
  Task<std::tuple<error_code>> ready();
  // Takes what a request costs off the turn; when nothing is left of it, await ready() before
  // another.
  void spend(std::size_t bytes) { wire_.spend(bytes); }
  bool is_turn_over() const { return wire_.left_of_turn == 0; }
  // True when TLS holds bytes that the socket has no more.
  bool has_pending() const { return tls_ && SSL_has_pending(tls_.get()) != 0; }

  // What was received and not taken yet.
  InputBuffer& input() { return input_; }

  // Writes everything or fails.
  Task<error_code> write(std::string_view bytes);
  // The same without waiting; nullopt: `bytes` is what has still to go.
  std::optional<error_code> write_at_once(std::string_view& bytes);

  // Closes when nobody has moved the deadline until then.
  void expire_at(SteadyTime at) { watch_.expire_at(at); }
  void expire_after(std::chrono::milliseconds wait) {
    watch_.expire_at(std::chrono::steady_clock::now() + wait);
  }
  SteadyTime deadline() const { return watch_.deadline(); }

  // Says goodbye (close_notify and FIN), forgets what the peer still sends until it closes, too,
  // or the deadline passes, and closes.
  Task<> close_politely();
  // Gives back the buffers, TLS' own (33 KiB) among them: it is not worth it between two requests,
  // and they are too much for a connection that nobody uses.
  void release_buffers();
  void close();
  bool is_open() const { return socket_.is_open(); }

  // What the socket knows of the peer: nothing is read.
  enum class Peer { kThere, kHalfClosed, kGone };
  Peer peer();
  // Closes this stream when `client` has left (deadline_sweep.h), which must outlive it or be
  // exchanged for nullptr.
  void work_for(Stream* client) { watch_.work_for(client); }
  // True once it was closed for that.
  bool was_left() const { return watch_.was_left(); }

  // For a graceful stop.
  void set_waiting(WatchedStream::Waits waits) { watch_.set_waiting(waits); }

  SSL* tls() { return tls_.get(); }
  Socket& socket() { return socket_; }

 private:
  static void count_message(int is_written, int version, int kind, const void* bytes,
                            std::size_t size, SSL* tls, void* stream);
  struct FreeTls {
    void operator()(SSL* tls) const { SSL_free(tls); }
  };
  std::optional<Outcome> try_write(std::string_view bytes);
  // Why reading, or writing, did not go on; nullopt, with `wanted` set: it waits for the wire.
  std::optional<error_code> verdict(Socket::wait_type& wanted);
  Task<std::tuple<error_code>> wait(Socket::wait_type what);
  Task<std::tuple<error_code>> let_others();

  Socket socket_;
  InputBuffer input_;
  Wire wire_;  // TLS reads and writes it, or we do
  std::unique_ptr<SSL, FreeTls> tls_;
  // Messages of a handshake that the peer has sent, in it or since.
  int handshake_messages_ = 0;
  // OpenSSL says nothing more of a connection that has failed, so we remember it.
  error_code failed_;
  // What must come before it is worth trying again: two directions may wait at once.
  Socket::wait_type wanted_to_read_ = Socket::wait_read;
  Socket::wait_type wanted_to_write_ = Socket::wait_write;
  WatchedStream watch_;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_STREAM_H_
