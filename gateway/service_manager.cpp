#include "gateway/service_manager.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "base/text.h"

namespace sekisho::gateway {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr int kMost = 64;

std::optional<unsigned long long> number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? std::nullopt : parse_unsigned(text);
}

std::string key_of(const IpAddress& address, std::uint16_t port) {
  const std::string text = address.text();
  return (address.is_v4() ? text : "[" + text + "]") + ":" + std::to_string(port);
}

// Where a listening stream socket listens; nullopt: it is none.
std::optional<std::string> address_of(int descriptor) {
  int is_listening = 0;
  int kind = 0;
  socklen_t size = sizeof(int);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) != 0 ||
      ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &size) != 0 || is_listening == 0 ||
      kind != SOCK_STREAM) {
    return std::nullopt;
  }
  sockaddr_storage bound{};
  size = sizeof bound;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return std::nullopt;
  }
  if (bound.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &bound, sizeof v4);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return key_of(IpAddress::from_v4(octets), ntohs(v4.sin_port));
  }
  if (bound.ss_family == AF_UNIX) {
    // The path ends with a NUL or, of the greatest length, with the structure.
    const auto* local = reinterpret_cast<const sockaddr_un*>(&bound);
    const std::size_t most = size - offsetof(sockaddr_un, sun_path);
    std::string path(local->sun_path, ::strnlen(local->sun_path, most));
    return path.empty() ? std::nullopt : std::optional(std::move(path));
  }
  if (bound.ss_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &bound, sizeof v6);
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return key_of(IpAddress::from_v6(octets), ntohs(v6.sin6_port));
}

}  // namespace

Result<InheritedSockets> InheritedSockets::take() {
  const auto pid = number_in("LISTEN_PID");
  const auto count = number_in("LISTEN_FDS");
  for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(variable);
  InheritedSockets inherited;
  if (!pid || !count || *pid != static_cast<unsigned long long>(::getpid())) return inherited;
  if (*count > kMost) return fail(ErrorCode::kInvalid, "LISTEN_FDS is over its limit");
  for (int fd = kFirst; fd < kFirst + static_cast<int>(*count); ++fd) {
    UniqueFd socket(fd);
    const auto address = address_of(fd);
    if (!address) {
      return fail(ErrorCode::kInvalid, "descriptor " + std::to_string(fd) +
                                           " was handed over and is no listening stream socket");
    }
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (!inherited.sockets_.emplace(*address, Socket{std::move(socket), false}).second) {
      return fail(ErrorCode::kInvalid, "two sockets were handed over for " + *address);
    }
  }
  return inherited;
}

std::string InheritedSockets::name_of(const settings::Listener& listener) {
  return listener.kind == settings::Listener::Kind::kCheck
             ? listener.socket_path
             : key_of(listener.address, listener.port);
}

Result<UniqueFd> InheritedSockets::duplicate(const std::string& name) {
  const auto found = sockets_.find(name);
  if (found == sockets_.end()) return UniqueFd();
  found->second.is_used = true;
  return gateway::duplicate(found->second.descriptor);
}

std::vector<std::string> InheritedSockets::unused() const {
  std::vector<std::string> addresses;
  for (const auto& [address, socket] : sockets_) {
    if (!socket.is_used) addresses.push_back(address);
  }
  return addresses;
}

Result<UniqueFd> duplicate(const UniqueFd& socket) {
  UniqueFd copy(::fcntl(socket.get(), F_DUPFD_CLOEXEC, kFirst));
  if (!copy.valid()) {
    return fail(ErrorCode::kUnavailable, std::string("dup: ") + std::strerror(errno));
  }
  return copy;
}

void notify(std::string_view state) {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  // Nobody listens: nothing can be done about it, and nothing need be.
  (void)::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace sekisho::gateway
