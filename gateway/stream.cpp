#include "gateway/stream.h"

#include <openssl/err.h>

namespace sekisho::gateway {

Stream::Stream(Socket socket, asio::ssl::context* context, DeadlineSweep& sweep) : sweep_(sweep) {
  if (context == nullptr) {
    plain_.emplace(std::move(socket));
  } else {
    tls_.emplace(std::move(socket), *context);
  }
  sweep_.add(*this);
}

Stream::~Stream() {
  sweep_.remove(*this);
  close();
}

Task<error_code> Stream::handshake(asio::ssl::stream_base::handshake_type side) {
  if (!tls_) co_return error_code();
  const auto [failure] = co_await tls_->async_handshake(side, use_outcome);
  co_return failure;
}

IoTask Stream::read_some(asio::mutable_buffer buffer) {
  // No coroutine of its own: the caller awaits the operation itself.
  if (tls_) return tls_->async_read_some(buffer, use_outcome);
  return plain_->async_read_some(buffer, use_outcome);
}

Task<error_code> Stream::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    const auto [failure, count] = tls_ ? co_await tls_->async_write_some(buffer, use_outcome)
                                       : co_await plain_->async_write_some(buffer, use_outcome);
    if (failure) co_return failure;
    bytes.remove_prefix(count);
  }
  co_return error_code();
}

// Ends our half of TLS; what must still be sent for it.
std::string Stream::close_notify() {
  if (!tls_ || SSL_is_init_finished(tls()) == 0) return {};
  // Asio's own shutdown waits for the peer's alert before it lets go; so ours is caught here.
  BIO* const caught = BIO_new(BIO_s_mem());
  if (caught == nullptr) return {};
  SSL_set0_wbio(tls(), caught);
  SSL_shutdown(tls());
  ERR_clear_error();
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(caught, &bytes);
  return count > 0 ? std::string(bytes, static_cast<std::size_t>(count)) : std::string();
}

Task<> Stream::close_politely() {
  constexpr std::size_t kMostForgotten = 4 * 1024 * 1024;
  if (!is_open()) co_return;
  const std::string alert = close_notify();
  std::size_t sent = 0;
  while (sent < alert.size()) {
    const auto rest = asio::buffer(alert) + sent;
    const auto [failed, count] = co_await socket().async_write_some(rest, use_outcome);
    if (failed) break;
    sent += count;
  }
  error_code ignored;
  socket().shutdown(Tcp::socket::shutdown_send, ignored);
  // Closing with bytes unread resets the connection, and the peer could lose our last words.
  char bytes[1024];
  std::size_t forgotten = 0;
  while (forgotten < kMostForgotten) {
    const auto [ended, count] = co_await socket().async_read_some(asio::buffer(bytes), use_outcome);
    if (ended) break;
    forgotten += count;
  }
  close();
}

void Stream::close() {
  error_code ignored;
  if (is_open()) socket().close(ignored);
}

bool Stream::is_open() const {
  return tls_ ? tls_->next_layer().is_open() : plain_->is_open();
}

std::size_t DeadlineSweep::close_expired(SteadyTime now) {
  std::size_t closed = 0;
  for (Stream* stream = first_; stream != nullptr; stream = stream->next_) {
    if (stream->deadline_ >= now || !stream->is_open()) continue;
    stream->close();
    ++closed;
  }
  return closed;
}

void DeadlineSweep::close_idle() {
  for (Stream* stream = first_; stream != nullptr; stream = stream->next_) {
    if (stream->is_idle_) stream->close();
  }
}

void DeadlineSweep::close_all() {
  for (Stream* stream = first_; stream != nullptr; stream = stream->next_) stream->close();
}

void DeadlineSweep::add(Stream& stream) {
  stream.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &stream;
  first_ = &stream;
  ++count_;
}

void DeadlineSweep::remove(Stream& stream) {
  if (stream.previous_ != nullptr) stream.previous_->next_ = stream.next_;
  if (stream.next_ != nullptr) stream.next_->previous_ = stream.previous_;
  if (first_ == &stream) first_ = stream.next_;
  --count_;
}

}  // namespace sekisho::gateway
