#include "base/encoding.h"

#include <array>
#include <cstdint>

namespace sekisho {
namespace {

// An alphabet of 2^bits characters and its inverse (-1 for foreign characters).
struct Alphabet {
  std::string_view characters;
  unsigned bits;
  std::array<std::int8_t, 256> values;
};

constexpr Alphabet make_alphabet(std::string_view characters, unsigned bits) {
  Alphabet alphabet{characters, bits, {}};
  alphabet.values.fill(-1);
  for (std::size_t i = 0; i < characters.size(); ++i) {
    alphabet.values[static_cast<unsigned char>(characters[i])] = static_cast<std::int8_t>(i);
  }
  return alphabet;
}

constexpr Alphabet kHex = make_alphabet("0123456789abcdef", 4);
constexpr Alphabet kBase32 = make_alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5);
constexpr Alphabet kBase64Url =
    make_alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6);

std::string encode(const Alphabet& alphabet, ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() * 8 + alphabet.bits - 1) / alphabet.bits);
  const unsigned mask = (1U << alphabet.bits) - 1;
  unsigned held = 0;
  unsigned held_bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = ((held << 8) | byte) & 0xffffU;
    held_bits += 8;
    while (held_bits >= alphabet.bits) {
      held_bits -= alphabet.bits;
      text.push_back(alphabet.characters[(held >> held_bits) & mask]);
    }
  }
  if (held_bits > 0) {
    text.push_back(alphabet.characters[(held << (alphabet.bits - held_bits)) & mask]);
  }
  return text;
}

std::optional<Bytes> decode(const Alphabet& alphabet, std::string_view text) {
  Bytes bytes;
  bytes.reserve(text.size() * alphabet.bits / 8);
  unsigned held = 0;
  unsigned held_bits = 0;
  for (const char character : text) {
    const int value = alphabet.values[static_cast<unsigned char>(character)];
    if (value < 0) return std::nullopt;
    held = ((held << alphabet.bits) | static_cast<unsigned>(value)) & 0xffffU;
    held_bits += alphabet.bits;
    if (held_bits >= 8) {
      held_bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>((held >> held_bits) & 0xffU));
    }
  }
  // A whole character of left-over bits, or one that is not zero, has a shorter or another text.
  if (held_bits >= alphabet.bits) return std::nullopt;
  if ((held & ((1U << held_bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace

std::string hex_of(ByteView bytes) {
  return encode(kHex, bytes);
}
std::optional<Bytes> bytes_from_hex(std::string_view text) {
  return decode(kHex, text);
}
std::string base32_of(ByteView bytes) {
  return encode(kBase32, bytes);
}
std::optional<Bytes> bytes_from_base32(std::string_view text) {
  return decode(kBase32, text);
}
std::string base64url_of(ByteView bytes) {
  return encode(kBase64Url, bytes);
}
std::optional<Bytes> bytes_from_base64url(std::string_view text) {
  return decode(kBase64Url, text);
}

std::string normalized_base32(std::string_view typed) {
  std::string text;
  text.reserve(typed.size());  // it may be a secret: growing would leave copies behind
  for (const char character : typed) {
    if (character == ' ' || character == '-') continue;
    const bool lower = character >= 'a' && character <= 'z';
    text.push_back(lower ? static_cast<char>(character - 'a' + 'A') : character);
  }
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool is_unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                               (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                               c == '~';
    if (is_unreserved) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

}  // namespace sekisho
