#include "gateway/local_socket.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace sekisho::gateway {
namespace {

constexpr int kBacklog = 1024;
constexpr gid_t kSameGroup = static_cast<gid_t>(-1);  // for chown(2)

Result<gid_t> group_id(const std::string& name) {
  if (name.empty()) return kSameGroup;
  std::array<char, 16 * 1024> texts{};
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, texts.data(), texts.size(), &found);
  if (found == nullptr) return fail(ErrorCode::kNotFound, "there is no group " + name);
  return entry.gr_gid;
}

// Whoever can write to a folder on the way can put a socket of his own in place of ours, and would
// be shown every session's cookie.  Farther up, a sticky folder (/tmp) lets nobody move what is
// ours.
Result<void> examine_folder(const std::string& folder, bool may_be_sticky) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return fail(error_from_errno(folder));
  const bool is_sticky = may_be_sticky && (status.st_mode & S_ISVTX) != 0;
  const bool is_foreign = status.st_uid != 0 && status.st_uid != ::geteuid();
  if (is_foreign || ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !is_sticky)) {
    return fail(ErrorCode::kDenied, "others can write to " + folder +
                                        ", where a socket must not be: chmod go-w " + folder);
  }
  return {};
}

Result<void> examine_folders(const std::string& path) {
  for (std::size_t end = path.rfind('/'); end != std::string::npos;
       end = end == 0 ? std::string::npos : path.rfind('/', end - 1)) {
    const bool is_nearest = end == path.rfind('/');
    auto good = examine_folder(path.substr(0, std::max<std::size_t>(end, 1)), !is_nearest);
    if (!good) return good;
  }
  return {};
}

// Removes what an attempt before left; only a socket.
Result<void> clear(const std::string& path, bool removes) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) {
    return fail(ErrorCode::kAlreadyExists, path + " is there already, and is no socket");
  }
  if (removes && ::unlink(path.c_str()) != 0) return fail(error_from_errno(path));
  return {};
}

}  // namespace

Result<void> examine_handed_socket(const settings::Listener& listener) {
  const std::string& path = listener.socket_path;
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return fail(error_from_errno(path));
  if (!S_ISSOCK(status.st_mode) || (status.st_mode & S_IWOTH) != 0) {
    return fail(ErrorCode::kDenied,
                "everybody can open " + path + ", where proxies alone may ask: SocketMode=0660");
  }
  return examine_folders(path);
}

Result<UniqueFd> listen_on_socket(const settings::Listener& listener) {
  const std::string& path = listener.socket_path;
  const std::string unfinished = path + std::string(settings::Listener::kUnfinishedSocket);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (unfinished.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::kInvalid, path + " is too long for a socket");
  }
  std::memcpy(address.sun_path, unfinished.data(), unfinished.size());
  const auto gid = group_id(listener.group);
  if (!gid) return fail(gid.error());
  if (auto good = examine_folders(path); !good) return fail(good.error());
  if (auto good = clear(path, false); !good) return fail(good.error());
  if (auto good = clear(unfinished, true); !good) return fail(good.error());

  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return fail(error_from_errno(path));
  const auto step_failed = [&](const std::string& what) {
    const Error error = error_from_errno(what);
    ::unlink(unfinished.c_str());
    return fail(error);
  };
  // Nobody can connect before listen(2), so the mode is never another one.
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail(error_from_errno(unfinished));
  }
  if (::chmod(unfinished.c_str(), 0660) != 0) return step_failed(unfinished);
  if (*gid != kSameGroup && ::chown(unfinished.c_str(), static_cast<uid_t>(-1), *gid) != 0) {
    return step_failed(path + " cannot be given to the group " + listener.group +
                       "; the gateway's user must be in it");
  }
  if (::listen(socket.get(), kBacklog) != 0) return step_failed(path);
  if (::rename(unfinished.c_str(), path.c_str()) != 0) return step_failed(path);
  return socket;
}

}  // namespace sekisho::gateway
