// A chunk of a chunked body (RFC 9112 section 7.1): size, CR LF, bytes, CR LF.

#ifndef SEKISHO_GATEWAY_CHUNK_H_
#define SEKISHO_GATEWAY_CHUNK_H_

#include <charconv>
#include <string>
#include <string_view>

namespace sekisho::gateway {

inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

inline void append_chunk(std::string& out, std::string_view piece) {
  char size[20];
  const auto [end, problem] = std::to_chars(size, size + sizeof size, piece.size(), 16);
  if (problem == std::errc()) out.append(size, end);
  out.append("\r\n").append(piece).append("\r\n");
}

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_CHUNK_H_
