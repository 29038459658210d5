#include "pam_module/agent_connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>

namespace sekisho::pam {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Waits for `events`.  kUnavailable when the deadline passes first.
Result<void> wait_for(const UniqueFd& socket, short events, AgentConnection::Deadline deadline) {
  while (true) {
    const auto rest = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (rest.count() <= 0) {
      return fail(ErrorCode::kUnavailable, "the agent does not answer in time");
    }
    pollfd waiting{socket.get(), events, 0};
    const int ready =
        ::poll(&waiting, 1, static_cast<int>(std::min<milliseconds::rep>(rest.count(), 60'000)));
    if (ready > 0) return {};
    // The application's signals are its own business (M-17): they only make us wait again.
    if (ready < 0 && errno != EINTR) return fail(error_from_errno("cannot wait for the agent"));
  }
}

// Refuses a socket that somebody else than root or the agent could have put there.
Result<void> vouch_for_listener(const UniqueFd& socket, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return fail(error_from_errno("cannot stat " + folder));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail(ErrorCode::kDenied, folder + " can be written by others than its owner");
  }
  ucred listener{};
  socklen_t size = sizeof listener;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &listener, &size) != 0) {
    return fail(error_from_errno("cannot tell who listens on " + path));
  }
  if (listener.uid != 0 && listener.uid != status.st_uid) {
    return fail(ErrorCode::kDenied,
                "who listens on " + path + " is neither root nor the owner of " + folder);
  }
  return {};
}

}  // namespace

Result<AgentConnection> AgentConnection::open(const std::string& path, Deadline deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.front() != '/' || path.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::kInvalid, "the socket's path must be absolute and shorter than 108");
  }
  memcpy(address.sun_path, path.data(), path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return fail(error_from_errno("cannot make a socket"));
  while (true) {
    const auto rest = std::chrono::ceil<microseconds>(deadline - steady_clock::now());
    if (rest.count() <= 0) {
      return fail(ErrorCode::kUnavailable, path + ": the agent does not accept in time");
    }
    // A full backlog makes connect(2) wait, and the send timeout is what bounds it (unix(7)).
    const timeval limit{.tv_sec = static_cast<time_t>(rest.count() / 1'000'000),
                        .tv_usec = static_cast<suseconds_t>(rest.count() % 1'000'000)};
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0) {
      return fail(error_from_errno("cannot set a timeout"));
    }
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      break;
    }
    if (errno != EINTR && errno != EAGAIN) {
      return fail(ErrorCode::kUnavailable, error_from_errno("cannot connect to " + path).message);
    }
  }
  const Result<void> vouched = vouch_for_listener(socket, path);
  if (!vouched) return fail(vouched.error());
  return AgentConnection(std::move(socket));
}

Result<void> AgentConnection::send(const conversation::FromModule& message, Deadline deadline) {
  const Result<Secret> frame = conversation::encode(message);
  if (!frame) return fail(frame.error());
  ByteView rest = frame->reveal();
  while (!rest.empty()) {
    const ssize_t sent =
        ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      rest = rest.subspan(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      const Result<void> ready = wait_for(socket_, POLLOUT, deadline);
      if (!ready) return ready;
    } else if (errno != EINTR) {
      return fail(ErrorCode::kUnavailable, error_from_errno("the agent has hung up").message);
    }
  }
  return {};
}

Result<void> AgentConnection::receive_exactly(std::span<std::uint8_t> out, Deadline deadline) {
  while (!out.empty()) {
    const Result<void> ready = wait_for(socket_, POLLIN, deadline);
    if (!ready) return ready;
    const ssize_t got = ::recv(socket_.get(), out.data(), out.size(), MSG_DONTWAIT);
    if (got > 0) {
      out = out.subspan(static_cast<std::size_t>(got));
    } else if (got == 0) {
      return fail(ErrorCode::kUnavailable, "the agent has hung up");
    } else if (errno != EINTR && errno != EAGAIN) {
      return fail(ErrorCode::kUnavailable, error_from_errno("cannot hear the agent").message);
    }
  }
  return {};
}

Result<conversation::FromAgent> AgentConnection::receive(Deadline deadline) {
  std::array<std::uint8_t, conversation::kMaxFrame> bytes{};
  const std::span<std::uint8_t> head = std::span(bytes).first(conversation::kLengthBytes);
  if (const Result<void> got = receive_exactly(head, deadline); !got) return fail(got.error());
  const Result<std::size_t> length = conversation::frame_length(head);
  if (!length) return fail(length.error());
  const std::span<std::uint8_t> frame = std::span(bytes).first(*length);
  if (const Result<void> got = receive_exactly(frame, deadline); !got) return fail(got.error());
  return conversation::decode_from_agent(frame);
}

}  // namespace sekisho::pam
