#include "gateway/stream.h"

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

Task<> Stream::close_politely() {
  if (!is_open()) co_return;
  if (tls_ && SSL_is_init_finished(tls()) != 0) {
    // One write of the alert; a peer that keeps the line open is cut by the sweep.
    co_await tls_->async_shutdown(use_outcome);
  } else {
    error_code ignored;
    socket().shutdown(Tcp::socket::shutdown_send, ignored);
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
