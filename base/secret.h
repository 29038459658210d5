// A secret: bytes that are wiped when they are no longer needed and that cannot be printed.
//
// There is no conversion to std::string, no operator<< and no formatter, so that a secret cannot
// reach a log by accident.  reveal() is the one word to search for.

#ifndef SEKISHO_BASE_SECRET_H_
#define SEKISHO_BASE_SECRET_H_

#include <string.h>

#include <utility>

#include "base/bytes.h"

namespace sekisho {

class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes bytes) : bytes_(std::move(bytes)) {}
  explicit Secret(ByteView bytes) : bytes_(copy_of(bytes)) {}
  explicit Secret(std::string_view text) : bytes_(copy_of(as_bytes(text))) {}
  ~Secret() { wipe(); }

  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      bytes_ = std::move(other.bytes_);
      other.bytes_.clear();
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  ByteView reveal() const { return bytes_; }
  std::string_view reveal_text() const { return as_text(bytes_); }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  // A second copy, where two owners are really needed.
  Secret clone() const { return Secret(ByteView(bytes_)); }

 private:
  void wipe() {
    if (!bytes_.empty()) explicit_bzero(bytes_.data(), bytes_.size());
    bytes_.clear();
  }
  Bytes bytes_;
};

// Wipes a string that held a secret on its way into a Secret.
inline void wipe(std::string& text) {
  if (!text.empty()) explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace sekisho

#endif  // SEKISHO_BASE_SECRET_H_
