#include "gateway/stream.h"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <limits>

#include "gateway/hello_guard.h"

namespace sekisho::gateway {
namespace {

// OpenSSL and the system take lengths as int.
int length_of(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

error_code error_of(int number) {
  return {number, boost::system::system_category()};
}

// A handshake has a few, and after it they are rare (a KeyUpdate every few terabytes); but each
// costs as much as a request.
constexpr std::size_t kReadCost = 512;  // bytes of a turn: a piece of one byte is work, too
constexpr int kMostHandshakeMessages = 64;

// However the handshake ends, the guard is not there after it.
struct LentGuard {
  Wire& wire;
  ~LentGuard() { wire.guard = nullptr; }
};

}  // namespace

Stream::Stream(Socket socket, asio::ssl::context* context, DeadlineSweep& sweep)
    : socket_(std::move(socket)), watch_(*this, sweep) {
  if (context == nullptr) return;
  tls_.reset(SSL_new(context->native_handle()));
  if (!tls_) throw std::bad_alloc();
  SSL_set_mode(tls_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_msg_callback(tls_.get(), &Stream::count_message);
  SSL_set_msg_callback_arg(tls_.get(), this);
}

void Stream::count_message(int is_written, int, int kind, const void*, std::size_t, SSL*,
                           void* stream) {
  if (is_written != 0 || kind != SSL3_RT_HANDSHAKE) return;
  auto& self = *static_cast<Stream*>(stream);
  if (++self.handshake_messages_ > kMostHandshakeMessages) self.wire_.failure = ECONNABORTED;
}

Stream::~Stream() {
  close();
}

// The wire itself says why OpenSSL could not go on.  SSL_get_error would first have to be told that
// nobody has left an error in its queue, before each byte that is read or written.
std::optional<error_code> Stream::verdict(Socket::wait_type& wanted) {
  if (wire_.failure != 0) {
    failed_ = error_of(wire_.failure);
    return failed_;
  }
  switch (wire_.blocked) {
    case Wire::Blocked::kReading:
      if (wire_.has_ended) {
        return error_code(
            tls_ ? asio::ssl::error::make_error_code(asio::ssl::error::stream_truncated)
                 : asio::error::make_error_code(asio::error::eof));
      }
      wanted = Socket::wait_read;
      return std::nullopt;
    case Wire::Blocked::kWriting:
      wanted = Socket::wait_write;
      return std::nullopt;
    case Wire::Blocked::kNo:
      break;
  }
  // A fatal alert also counts as the peer's goodbye, but takes TLS out of its order.
  if (tls_ && (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0 &&
      SSL_is_init_finished(tls_.get()) != 0) {
    return asio::error::make_error_code(asio::error::eof);
  }
  const unsigned long reason = ERR_peek_last_error();
  ERR_clear_error();
  failed_ = reason == 0 ? asio::error::make_error_code(asio::error::connection_aborted)
                        : error_code(static_cast<int>(reason), asio::error::get_ssl_category());
  return failed_;
}

Task<error_code> Stream::handshake(Side side) {
  if (!tls_) co_return error_code();
  wire_.descriptor = socket_.native_handle();
  BIO* const bio = new_socket_bio(wire_);
  if (bio == nullptr) co_return error_of(ENOMEM);
  SSL_set_bio(tls_.get(), bio, bio);  // which owns it now
  HelloGuard guard;
  const LentGuard lent{wire_};
  if (side == Side::kServer) {
    wire_.guard = &guard;
    SSL_set_accept_state(tls_.get());
  } else {
    SSL_set_connect_state(tls_.get());
  }
  while (true) {
    if (!is_open()) co_return asio::error::operation_aborted;
    wire_.blocked = Wire::Blocked::kNo;
    const int answer = SSL_do_handshake(tls_.get());
    if (answer == 1) break;
    if (const auto failed = verdict(wanted_to_read_)) co_return *failed;
    const auto [interrupted] = co_await ready();
    if (interrupted) co_return interrupted;
  }
  handshake_messages_ = 0;
  wanted_to_read_ = Socket::wait_read;
  co_return error_code();
}

std::optional<Stream::Outcome> Stream::try_read(asio::mutable_buffer buffer) {
  // A closed socket's number may be another connection's by now.
  if (!is_open()) return Outcome(asio::error::operation_aborted, 0);
  if (failed_) return Outcome(failed_, 0);
  wire_.descriptor = socket_.native_handle();
  wanted_to_read_ = Socket::wait_read;
  if (is_turn_over()) return std::nullopt;
  wire_.spend(kReadCost);
  wire_.blocked = Wire::Blocked::kNo;
  const ssize_t got = tls_ ? SSL_read(tls_.get(), buffer.data(), length_of(buffer.size()))
                           : wire_.receive(buffer.data(), buffer.size());
  if (got > 0 && wire_.failure == 0) return Outcome(error_code(), static_cast<std::size_t>(got));
  const auto failure = verdict(wanted_to_read_);
  return failure ? std::optional(Outcome(*failure, 0)) : std::nullopt;
}

std::optional<Stream::Outcome> Stream::try_write(std::string_view bytes) {
  if (!is_open()) return Outcome(asio::error::operation_aborted, 0);
  if (failed_) return Outcome(failed_, 0);
  wire_.descriptor = socket_.native_handle();
  wire_.blocked = Wire::Blocked::kNo;
  const ssize_t sent = tls_ ? SSL_write(tls_.get(), bytes.data(), length_of(bytes.size()))
                            : wire_.send(bytes.data(), bytes.size());
  if (sent > 0) return Outcome(error_code(), static_cast<std::size_t>(sent));
  const auto failure = verdict(wanted_to_write_);
  return failure ? std::optional(Outcome(*failure, 0)) : std::nullopt;
}

Task<std::tuple<error_code>> Stream::wait(Socket::wait_type what) {
  wire_.left_of_turn = Wire::kTurn;
  return socket_.async_wait(what, use_outcome);
}

Task<std::tuple<error_code>> Stream::let_others() {
  wire_.left_of_turn = Wire::kTurn;
  co_await asio::post(socket_.get_executor(), use_task);
  co_return std::tuple(is_open() ? error_code() : asio::error::operation_aborted);
}

Task<std::tuple<error_code>> Stream::ready() {
  // What is left may be in TLS' own buffers, or in ours, and the socket would not tell of it.
  if (is_turn_over() && (has_pending() || !input_.empty())) return let_others();
  return wait(wanted_to_read_);
}

IoTask Stream::read_some(asio::mutable_buffer buffer) {
  while (true) {
    if (const auto outcome = try_read(buffer)) co_return *outcome;
    const auto [interrupted] = co_await ready();
    if (interrupted) co_return Outcome(interrupted, 0);
  }
}

std::optional<error_code> Stream::write_at_once(std::string_view& bytes) {
  while (!bytes.empty()) {
    const auto outcome = try_write(bytes);
    if (!outcome) return std::nullopt;
    const auto [failure, count] = *outcome;
    if (failure) return failure;
    bytes.remove_prefix(count);
  }
  return error_code();
}

Task<error_code> Stream::write(std::string_view bytes) {
  while (true) {
    if (const auto done = write_at_once(bytes)) co_return *done;
    const auto [interrupted] = co_await wait(wanted_to_write_);
    if (interrupted) co_return interrupted;
  }
}

Task<> Stream::close_politely() {
  if (!is_open()) co_return;
  if (tls_ && SSL_is_init_finished(tls_.get()) != 0) {
    SSL_shutdown(tls_.get());  // says close_notify, and does not wait for the peer's
    ERR_clear_error();
  }
  error_code ignored;
  socket_.shutdown(Tcp::socket::shutdown_send, ignored);
  // Closing with bytes unread resets the connection, and the peer could lose our last words.
  std::array<char, 4096> bytes;
  while (true) {
    const auto [ended, count] = co_await socket_.async_read_some(asio::buffer(bytes), use_outcome);
    if (ended) break;
  }
  close();
}

Stream::Peer Stream::peer() {
  if (!is_open()) return Peer::kGone;
  pollfd asked{socket_.native_handle(), POLLRDHUP, 0};
  if (::poll(&asked, 1, 0) <= 0) return Peer::kThere;
  if ((asked.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return Peer::kGone;
  return (asked.revents & POLLRDHUP) != 0 ? Peer::kHalfClosed : Peer::kThere;
}

void Stream::release_buffers() {
  input_.shrink();
  if (tls_ && SSL_free_buffers(tls_.get()) != 1)
    ERR_clear_error();  // it is in the middle of a record
}

void Stream::close() {
  error_code ignored;
  if (is_open()) socket_.close(ignored);
  wire_.descriptor = -1;
}

}  // namespace sekisho::gateway
