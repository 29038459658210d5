// Files: descriptors with an owner, bounded reads, and writes that survive a power cut.

#ifndef SEKISHO_BASE_FILE_H_
#define SEKISHO_BASE_FILE_H_

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace sekisho {

// Owns a file descriptor; -1 is none.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  ~UniqueFd() { reset(); }
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

// The whole file.  kNotFound when there is none, kInvalid when it is larger than `limit` bytes.
Result<std::string> read_file(const std::string& path, std::size_t limit);

// The same for a secret.  Refuses (kDenied) a file that others than its owner and group can read.
Result<Secret> read_secret_file(const std::string& path, std::size_t limit);

// Replaces `path` whole or not at all: a new file, fsync, rename, fsync of the folder.
Result<void> write_file_durably(const std::string& path, std::string_view content, mode_t mode);

// Creates `path`, which must not exist (kAlreadyExists), durably.
Result<void> create_file_durably(const std::string& path, std::string_view content, mode_t mode);

// `message` with the text of the current errno, as the Error it stands for.
Error error_from_errno(std::string message);

}  // namespace sekisho

#endif  // SEKISHO_BASE_FILE_H_
