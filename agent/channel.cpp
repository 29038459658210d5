#include "agent/channel.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "base/file.h"

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kSendTimeout{5};

// Wiped when it goes: a reply was in it.
struct FrameBuffer {
  ~FrameBuffer() { explicit_bzero(bytes.data(), bytes.size()); }
  std::array<std::uint8_t, conversation::kMaxFrame> bytes{};
};

}  // namespace

Channel::Channel(Socket socket) : shared_(std::make_shared<Shared>(std::move(socket))) {}

Result<Channel::Peer> Channel::peer() const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(shared_->socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) !=
      0) {
    return fail(error_from_errno("cannot tell who connected"));
  }
  return Peer{credentials.uid, credentials.pid};
}

void Channel::start_deadline(Deadline deadline) {
  shared_->timed_out = false;
  shared_->timer.expires_at(deadline);
  shared_->timer.async_wait(
      [shared = shared_, turn = shared_->turn](const boost::system::error_code& ec) {
        // A timer that went off just as its operation ended must not hit the next one.
        if (ec || turn != shared->turn) return;
        shared->timed_out = true;
        boost::system::error_code ignored;
        shared->socket.cancel(ignored);
      });
}

void Channel::end_deadline() {
  ++shared_->turn;
  shared_->timer.cancel();
}

void Channel::watch(std::function<void()> stirred) {
  shared_->socket.async_wait(Socket::wait_read,
                             [shared = shared_, turn = shared_->turn,
                              stirred = std::move(stirred)](const boost::system::error_code& ec) {
                               if (ec == asio::error::operation_aborted || turn != shared->turn) {
                                 return;
                               }
                               stirred();
                             });
}

void Channel::end_watch() {
  ++shared_->turn;
  boost::system::error_code ignored;
  shared_->socket.cancel(ignored);
}

asio::awaitable<Result<conversation::FromModule>> Channel::receive(Deadline deadline) {
  FrameBuffer buffer;
  std::size_t length = conversation::kLengthBytes;
  for (const bool is_body : {false, true}) {
    start_deadline(deadline);
    const auto [ec, got] = co_await asio::async_read(
        shared_->socket, asio::buffer(buffer.bytes.data(), length), as_result);
    end_deadline();
    if (ec && shared_->timed_out) co_return fail(ErrorCode::kBusy, "no answer in time");
    if (ec) co_return fail(ErrorCode::kUnavailable, "the module has hung up");
    if (is_body) break;
    const Result<std::size_t> announced =
        conversation::frame_length(ByteView(buffer.bytes).first(length));
    if (!announced) co_return fail(announced.error());
    length = *announced;
  }
  co_return conversation::decode_from_module(ByteView(buffer.bytes).first(length));
}

asio::awaitable<Result<void>> Channel::send(conversation::FromAgent message) {
  const Result<Secret> frame = conversation::encode(message);
  if (!frame) co_return fail(frame.error());
  const ByteView bytes = frame->reveal();
  start_deadline(std::chrono::steady_clock::now() + kSendTimeout);
  const auto [ec, sent] = co_await asio::async_write(
      shared_->socket, asio::buffer(bytes.data(), bytes.size()), as_result);
  end_deadline();
  if (ec) co_return fail(ErrorCode::kUnavailable, "the module has hung up");
  co_return Result<void>();
}

}  // namespace sekisho::agent
