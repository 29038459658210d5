#include "gateway/hello_guard.h"

#include <algorithm>

namespace sekisho::gateway {
namespace {

constexpr std::uint8_t kChangeCipherSpec = 20;
constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kApplicationData = 23;
constexpr std::uint8_t kClientHello = 1;

}  // namespace

template <std::size_t size>
bool HelloGuard::gather(std::array<std::uint8_t, size>& header, std::size_t& have,
                        std::string_view& bytes) {
  const std::size_t taken = std::min(size - have, bytes.size());
  std::copy_n(bytes.begin(), taken, header.begin() + static_cast<std::ptrdiff_t>(have));
  have += taken;
  bytes.remove_prefix(taken);
  return have == size;
}

bool HelloGuard::allows(std::string_view bytes) {
  while (!is_over_ && !bytes.empty()) {
    if (left_of_record_ == 0) {
      if (!gather(record_, have_of_record_, bytes)) return true;
      have_of_record_ = 0;
      left_of_record_ = std::size_t{record_[3]} * 256 + record_[4];
      // A second hello, after a retry request, may come behind any of the others.
      is_over_ = record_[0] < kChangeCipherSpec || record_[0] > kApplicationData;
      continue;
    }
    const std::string_view part = bytes.substr(0, left_of_record_);
    left_of_record_ -= part.size();
    bytes.remove_prefix(part.size());
    if (record_[0] == kHandshake && !allows_handshake(part)) return false;
  }
  return true;
}

bool HelloGuard::allows_handshake(std::string_view part) {
  while (!is_over_ && !part.empty()) {
    if (left_of_message_ == 0) {
      if (!gather(message_, have_of_message_, part)) return true;
      have_of_message_ = 0;
      left_of_message_ = (std::size_t{message_[1]} * 256 + message_[2]) * 256 + message_[3];
      is_over_ = message_[0] != kClientHello;
      if (!is_over_ && left_of_message_ > kMostHello) return false;
      continue;
    }
    const std::size_t taken = std::min(left_of_message_, part.size());
    left_of_message_ -= taken;
    part.remove_prefix(taken);
  }
  return true;
}

}  // namespace sekisho::gateway
