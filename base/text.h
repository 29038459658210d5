// Text from outside: is it UTF-8, and how is it shown where it could do harm?

#ifndef SEKISHO_BASE_TEXT_H_
#define SEKISHO_BASE_TEXT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho {

// True when `text` is well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view text);

// True when `text` holds a control character: C0, DEL, C1, or a bidirectional override or
// isolate (U+202A..202E, U+2066..2069), with which a name could disguise itself in a terminal or
// a log.  Precondition: is_utf8(text).
bool has_control_characters(std::string_view text);

// `text` fit for a log or a terminal: invalid bytes and control characters as \xNN.
std::string printable(std::string_view text);

// How many code points `text` has.  Precondition: is_utf8(text).
std::size_t code_points(std::string_view text);

bool equals_ignoring_case(std::string_view left, std::string_view right);  // ASCII only
std::string lower_case(std::string_view text);                             // ASCII only
std::string_view trimmed(std::string_view text);                           // spaces and tabs
std::vector<std::string_view> split(std::string_view text, char separator);

// Digits only, no sign, no overflow; nullopt otherwise.
std::optional<unsigned long long> parse_unsigned(std::string_view text);

}  // namespace sekisho

#endif  // SEKISHO_BASE_TEXT_H_
