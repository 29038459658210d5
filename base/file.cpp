#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sekisho {
namespace {

Result<std::string> read_all(const UniqueFd& file, const std::string& path, std::size_t limit) {
  std::string content;
  char chunk[16384];
  while (true) {
    const ssize_t got = ::read(file.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(error_from_errno("cannot read " + path));
    if (got == 0) {
      explicit_bzero(chunk, sizeof chunk);
      return content;
    }
    if (content.size() + static_cast<std::size_t>(got) > limit) {
      return fail(ErrorCode::kInvalid,
                  path + " is larger than " + std::to_string(limit) + " bytes");
    }
    content.append(chunk, static_cast<std::size_t>(got));
  }
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> write_all(const UniqueFd& file, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t put = ::write(file.get(), content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(error_from_errno("cannot write " + path));
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::fsync(file.get()) != 0) return fail(error_from_errno("cannot write " + path));
  return {};
}

Result<void> sync_folder(const std::string& path) {
  const std::string folder = folder_of(path);
  const UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || ::fsync(directory.get()) != 0) {
    return fail(error_from_errno("cannot sync " + folder));
  }
  return {};
}

}  // namespace

void UniqueFd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Error error_from_errno(std::string message) {
  const int reason = errno;
  message += std::string(": ") + ::strerror(reason);
  switch (reason) {
    case ENOENT:
      return {ErrorCode::kNotFound, std::move(message)};
    case EEXIST:
      return {ErrorCode::kAlreadyExists, std::move(message)};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ErrorCode::kDenied, std::move(message)};
    case ENOSPC:
    case EDQUOT:
      return {ErrorCode::kFull, std::move(message)};
    case ECONNREFUSED:
    case ETIMEDOUT:
    case ECONNRESET:
    case EPIPE:
      return {ErrorCode::kUnavailable, std::move(message)};
    default:
      return {ErrorCode::kInternal, std::move(message)};
  }
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail(error_from_errno("cannot open " + path));
  return read_all(file, path, limit);
}

Result<Secret> read_secret_file(const std::string& path, std::size_t limit) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail(error_from_errno("cannot open " + path));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return fail(error_from_errno("cannot stat " + path));
  if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
    return fail(ErrorCode::kDenied,
                path + " holds a secret and others can read or change it: chmod 0640 or less");
  }
  Result<std::string> content = read_all(file, path, limit);
  if (!content) return fail(content.error());
  Secret secret{std::string_view(*content)};
  wipe(*content);
  return secret;
}

Result<void> write_file_durably(const std::string& path, std::string_view content, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  const UniqueFd file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.valid()) return fail(error_from_errno("cannot create a file beside " + path));
  Result<void> written = write_all(file, temporary, content);
  if (written && ::fchmod(file.get(), mode) != 0) {
    written = fail(error_from_errno("cannot set the mode of " + path));
  }
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) {
    written = fail(error_from_errno("cannot replace " + path));
  }
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return sync_folder(path);
}

Result<void> create_file_durably(const std::string& path, std::string_view content, mode_t mode) {
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file.valid()) return fail(error_from_errno("cannot create " + path));
  const Result<void> written = write_all(file, path, content);
  if (!written) {
    ::unlink(path.c_str());
    return fail(written.error());
  }
  return sync_folder(path);
}

}  // namespace sekisho
