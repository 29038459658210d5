// Bytes and views of bytes, and the casts between text and bytes in one place.

#ifndef SEKISHO_BASE_BYTES_H_
#define SEKISHO_BASE_BYTES_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes copy_of(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace sekisho

#endif  // SEKISHO_BASE_BYTES_H_
