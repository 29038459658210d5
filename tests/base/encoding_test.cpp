#include "base/encoding.h"

#include "tests/support/catch.h"

namespace sekisho {
namespace {

// RFC 4648 section 10.
TEST_CASE("base32 and base64url encode the vectors of RFC 4648", "[base]") {
  const auto [plain, base32, base64] = GENERATE(table<std::string, std::string, std::string>({
      {"", "", ""},
      {"f", "MY", "Zg"},
      {"fo", "MZXQ", "Zm8"},
      {"foo", "MZXW6", "Zm9v"},
      {"foob", "MZXW6YQ", "Zm9vYg"},
      {"fooba", "MZXW6YTB", "Zm9vYmE"},
      {"foobar", "MZXW6YTBOI", "Zm9vYmFy"},
  }));
  CHECK(base32_of(as_bytes(plain)) == base32);
  CHECK(base64url_of(as_bytes(plain)) == base64);
  CHECK(bytes_from_base32(base32) == copy_of(as_bytes(plain)));
  CHECK(bytes_from_base64url(base64) == copy_of(as_bytes(plain)));
}

TEST_CASE("every byte survives hexadecimal and base64url", "[base]") {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  CHECK(bytes_from_hex(hex_of(all)) == all);
  CHECK(bytes_from_base64url(base64url_of(all)) == all);
  CHECK(bytes_from_base32(base32_of(all)) == all);
}

TEST_CASE("a second spelling of the same bytes is refused", "[base]") {
  CHECK_FALSE(bytes_from_base64url("Zh"));    // left-over bits not zero: "Zg" is the spelling
  CHECK_FALSE(bytes_from_base64url("Zg=="));  // padding
  CHECK_FALSE(bytes_from_base64url("Z"));     // a character that carries no whole byte
  CHECK_FALSE(bytes_from_base64url("Zm9+"));  // the other alphabet
  CHECK_FALSE(bytes_from_base32("MZ"));
  CHECK_FALSE(bytes_from_base32("my"));
  CHECK_FALSE(bytes_from_hex("0A"));
  CHECK_FALSE(bytes_from_hex("abc"));
}

TEST_CASE("in a URI only unreserved characters stand for themselves", "[base]") {
  CHECK(percent_encoded("AZaz09-._~") == "AZaz09-._~");
  CHECK(percent_encoded("/?a=1&b 関") == "%2F%3Fa%3D1%26b%20%E9%96%A2");
}

TEST_CASE("a typed seed is normalized before it is decoded", "[base]") {
  CHECK(normalized_base32("mzxw 6ytb-oi==") == "MZXW6YTBOI");
}

}  // namespace
}  // namespace sekisho
