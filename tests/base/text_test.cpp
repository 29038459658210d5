#include "base/text.h"

#include "base/json_text.h"
#include "tests/support/catch.h"

namespace sekisho {
namespace {

TEST_CASE("ill-formed UTF-8 is told from well-formed", "[base]") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("関所 太郎"));
  CHECK(is_utf8("\xf0\xa0\xae\xb7"));                  // 𠮷, beyond the basic plane
  CHECK_FALSE(is_utf8("\xc0\xaf"));                    // overlong
  CHECK_FALSE(is_utf8("\xe0\x80\xaf"));                // overlong
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));                // surrogate
  CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));            // beyond U+10FFFF
  CHECK_FALSE(is_utf8("\xe9\x96"));                    // cut short
  CHECK_FALSE(is_utf8(std::string_view("\x82\xa0")));  // Shift_JIS
}

TEST_CASE("characters that disguise a name are found", "[base]") {
  CHECK_FALSE(has_control_characters("税務課 山田"));
  CHECK(has_control_characters("a\nb"));
  CHECK(has_control_characters("a\x7f"));
  CHECK(
      has_control_characters("\xe2\x80\xae"
                             "gpj"));         // right-to-left override
  CHECK(has_control_characters("\xc2\x85"));  // next line, C1
}

TEST_CASE("a log line cannot be forged through a value", "[base]") {
  CHECK(printable("a\r\nb\x1b[0m") == "a\\x0d\\x0ab\\x1b[0m");
  CHECK(JsonObject().add("k", "x\"\n\xff").text() == "{\"k\":\"x\\\"\\\\x0a\\\\xff\"}");
}

TEST_CASE("an unsigned number is digits and nothing else", "[base]") {
  CHECK(parse_unsigned("10") == 10ULL);
  CHECK_FALSE(parse_unsigned(""));
  CHECK_FALSE(parse_unsigned("+1"));
  CHECK_FALSE(parse_unsigned("-1"));
  CHECK_FALSE(parse_unsigned("1 "));
  CHECK_FALSE(parse_unsigned("99999999999999999999"));
}

}  // namespace
}  // namespace sekisho
