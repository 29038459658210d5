// What a connection has received and nobody has taken yet.

#ifndef SEKISHO_GATEWAY_INPUT_BUFFER_H_
#define SEKISHO_GATEWAY_INPUT_BUFFER_H_

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "gateway/net.h"

namespace sekisho::gateway {

class InputBuffer {
 public:
  std::string_view text() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Room for more, at first for `usual` bytes; views into text() end here.
  asio::mutable_buffer room(std::size_t usual) {
    if (begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    // By half again, so that many small reads do not each copy the whole.
    if (size_ - end_ < std::max<std::size_t>(std::max(usual, end_) / 4, 1)) {
      const std::size_t size = end_ + std::max(usual, end_ / 2);
      // Not filled: every byte of it is written before it is read.
      auto larger = std::make_unique_for_overwrite<char[]>(size);
      if (end_ > 0) std::memcpy(larger.get(), bytes_.get(), end_);
      bytes_ = std::move(larger);
      size_ = size;
    }
    return {bytes_.get() + end_, size_ - end_};
  }
  void commit(std::size_t count) { end_ += count; }
  // Gives the memory back, where nothing is in it: an idle connection needs none.
  void shrink() {
    if (!empty()) return;
    bytes_.reset();
    size_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_INPUT_BUFFER_H_
