#include "gateway/stream.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace sekisho::gateway {
namespace {

// OpenSSL and the system take lengths as int.
int length_of(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

error_code error_of(int number) {
  return {number, boost::system::system_category()};
}

bool would_block(int number) {
  return number == EAGAIN || number == EWOULDBLOCK;
}

}  // namespace

Stream::Stream(Socket socket, asio::ssl::context* context, DeadlineSweep& sweep)
    : socket_(std::move(socket)), watch_(*this, sweep) {
  if (context == nullptr) return;
  tls_.reset(SSL_new(context->native_handle()));
  if (!tls_) throw std::bad_alloc();
  SSL_set_mode(tls_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

Stream::~Stream() {
  close();
}

// The wire itself says why OpenSSL could not go on.  SSL_get_error would first have to be told that
// nobody has left an error in its queue, before each byte that is read or written.
std::optional<error_code> Stream::verdict() {
  if (wire_.failure != 0) return error_of(wire_.failure);
  switch (wire_.blocked) {
    case Wire::Blocked::kReading:
      if (wire_.has_ended) return error_code(asio::ssl::error::stream_truncated);
      wanted_ = Socket::wait_read;
      return std::nullopt;
    case Wire::Blocked::kWriting:
      wanted_ = Socket::wait_write;
      return std::nullopt;
    case Wire::Blocked::kNo:
      break;
  }
  if ((SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0) {
    return asio::error::make_error_code(asio::error::eof);
  }
  const unsigned long failure = ERR_peek_last_error();
  ERR_clear_error();
  return error_code(static_cast<int>(failure), asio::error::get_ssl_category());
}

Task<error_code> Stream::handshake(Side side) {
  if (!tls_) co_return error_code();
  wire_.descriptor = socket_.native_handle();
  BIO* const bio = new_socket_bio(wire_);
  if (bio == nullptr) co_return error_of(ENOMEM);
  SSL_set_bio(tls_.get(), bio, bio);  // which owns it now
  if (side == Side::kServer) {
    SSL_set_accept_state(tls_.get());
  } else {
    SSL_set_connect_state(tls_.get());
  }
  while (true) {
    if (!is_open()) co_return asio::error::operation_aborted;
    wire_.blocked = Wire::Blocked::kNo;
    const int answer = SSL_do_handshake(tls_.get());
    if (answer == 1) break;
    if (const auto failed = verdict()) co_return *failed;
    const auto [interrupted] = co_await socket_.async_wait(wanted_, use_outcome);
    if (interrupted) co_return interrupted;
  }
  wanted_ = Socket::wait_read;
  co_return error_code();
}

std::optional<Stream::Outcome> Stream::try_read(asio::mutable_buffer buffer) {
  // A closed socket's number may be another connection's by now.
  if (!is_open()) return Outcome(asio::error::operation_aborted, 0);
  wanted_ = Socket::wait_read;
  if (tls_) {
    wire_.blocked = Wire::Blocked::kNo;
    const int got = SSL_read(tls_.get(), buffer.data(), length_of(buffer.size()));
    if (got > 0) return Outcome(error_code(), static_cast<std::size_t>(got));
    const auto failed = verdict();
    return failed ? std::optional(Outcome(*failed, 0)) : std::nullopt;
  }
  const ssize_t got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got > 0) return Outcome(error_code(), static_cast<std::size_t>(got));
  if (got == 0) return Outcome(asio::error::eof, 0);
  if (would_block(errno) || errno == EINTR) return std::nullopt;
  return Outcome(error_of(errno), 0);
}

std::optional<Stream::Outcome> Stream::try_write(std::string_view bytes) {
  if (!is_open()) return Outcome(asio::error::operation_aborted, 0);
  wanted_ = Socket::wait_write;
  if (tls_) {
    wire_.blocked = Wire::Blocked::kNo;
    const int sent = SSL_write(tls_.get(), bytes.data(), length_of(bytes.size()));
    if (sent > 0) return Outcome(error_code(), static_cast<std::size_t>(sent));
    const auto failed = verdict();
    return failed ? std::optional(Outcome(*failed, 0)) : std::nullopt;
  }
  const ssize_t sent =
      ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) return Outcome(error_code(), static_cast<std::size_t>(sent));
  if (would_block(errno) || errno == EINTR) return std::nullopt;
  return Outcome(error_of(errno), 0);
}

Task<std::tuple<error_code>> Stream::ready() {
  return socket_.async_wait(wanted_, use_outcome);
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
  wanted_ = Socket::wait_read;
  return error_code();
}

Task<error_code> Stream::write(std::string_view bytes) {
  while (true) {
    if (const auto done = write_at_once(bytes)) co_return *done;
    const auto [interrupted] = co_await socket_.async_wait(wanted_, use_outcome);
    if (interrupted) co_return interrupted;
  }
}

Task<> Stream::close_politely() {
  constexpr std::size_t kMostForgotten = 4 * 1024 * 1024;
  if (!is_open()) co_return;
  if (tls_ && SSL_is_init_finished(tls_.get()) != 0) {
    SSL_shutdown(tls_.get());  // says close_notify, and does not wait for the peer's
    ERR_clear_error();
  }
  error_code ignored;
  socket_.shutdown(Tcp::socket::shutdown_send, ignored);
  // Closing with bytes unread resets the connection, and the peer could lose our last words.
  char bytes[1024];
  std::size_t forgotten = 0;
  while (forgotten < kMostForgotten) {
    const auto [ended, count] = co_await socket_.async_read_some(asio::buffer(bytes), use_outcome);
    if (ended) break;
    forgotten += count;
  }
  close();
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
