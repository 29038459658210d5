#include "agent/typed_code.h"

#include <algorithm>
#include <string>

#include "base/encoding.h"

namespace sekisho::agent {
namespace {

constexpr std::size_t kLongest = 64;  // bytes, with separators, in full-width digits
constexpr std::size_t kRecoveryCharacters = 16;
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// Full-width digits (U+FF10..FF19, EF BC 90..99 in UTF-8) and the full-width hyphen made ASCII.
std::string with_ascii_digits(std::string_view typed) {
  std::string out;
  out.reserve(kLongest);
  while (!typed.empty()) {
    if (typed.starts_with("\xef\xbc") && typed.size() >= 3 && typed[2] >= '\x90' &&
        typed[2] <= '\x99') {
      out.push_back(static_cast<char>('0' + (typed[2] - '\x90')));
      typed.remove_prefix(3);
    } else if (typed.starts_with("\xe3\x80\x80")) {  // the ideographic space
      typed.remove_prefix(3);
    } else {
      out.push_back(typed.front());
      typed.remove_prefix(1);
    }
  }
  return out;
}

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<TypedCode> read_typed_code(const Secret& typed) {
  if (typed.size() > kLongest) return std::nullopt;
  std::string ascii = with_ascii_digits(typed.reveal_text());
  std::string code = normalized_base32(ascii);
  wipe(ascii);
  std::optional<TypedCode> found;
  if ((code.size() == 6 || code.size() == 8) && is_digits(code)) {
    found = TypedCode{terminal_api::Factor::kTotp, Secret(std::string_view(code))};
  } else if (code.size() == kRecoveryCharacters &&
             code.find_first_not_of(kBase32) == std::string::npos) {
    found = TypedCode{terminal_api::Factor::kRecovery, Secret(std::string_view(code))};
  }
  wipe(code);
  return found;
}

}  // namespace sekisho::agent
