// Hexadecimal, base32 and base64url (RFC 4648), decoded strictly: one text for each value; and
// percent-encoding.
//
// Decoders refuse foreign characters, wrong lengths and non-zero left-over bits, so that no two
// texts decode to the same bytes.

#ifndef SEKISHO_BASE_ENCODING_H_
#define SEKISHO_BASE_ENCODING_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sekisho {

// Lower-case digits.
std::string hex_of(ByteView bytes);
// Accepts lower-case digits only.
std::optional<Bytes> bytes_from_hex(std::string_view text);

// RFC 4648 section 6 without padding, upper case.
std::string base32_of(ByteView bytes);
// Accepts upper case without padding.  Lenient input (spaces, lower case, "=") is the caller's
// to clean: see normalized_base32.
std::optional<Bytes> bytes_from_base32(std::string_view text);
// Upper case, without spaces, hyphens and trailing padding: what a person may type.
std::string normalized_base32(std::string_view typed);

// RFC 4648 section 5 without padding.
std::string base64url_of(ByteView bytes);
std::optional<Bytes> bytes_from_base64url(std::string_view text);

// All bytes but unreserved characters as %XX (RFC 3986 section 2.1): what may stand anywhere in a
// URI.
std::string percent_encoded(std::string_view text);

}  // namespace sekisho

#endif  // SEKISHO_BASE_ENCODING_H_
