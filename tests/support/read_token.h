// A JWT taken apart as an application does it, its signature verified by OpenSSL alone.
#ifndef SEKISHO_TESTS_SUPPORT_READ_TOKEN_H_
#define SEKISHO_TESTS_SUPPORT_READ_TOKEN_H_

#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/text.h"
#include "tests/support/es256_verifier.h"
#include "tests/support/outcome.h"

namespace sekisho::testing {

struct ReadToken {
  std::string header;
  std::string claims;
  std::string signed_part;
  Bytes signature;

  bool is_signed_by(ByteView public_key) const {
    return verifies_es256(public_key, signed_part, signature);
  }
};

inline ReadToken read_token(std::string_view token) {
  const auto parts = split(token, '.');
  REQUIRE(parts.size() == 3);
  const auto text = [](std::string_view part) {
    const Bytes bytes = bytes_from_base64url(part).value();
    return std::string(as_text(bytes));
  };
  return {text(parts[0]), text(parts[1]), std::string(token.substr(0, token.rfind('.'))),
          bytes_from_base64url(parts[2]).value()};
}

// A member's text in a flat object as we write them: "sub" gives "hanako".
inline std::string member(const std::string& object, const std::string& name) {
  const std::string key = "\"" + name + "\":";
  const std::size_t at = object.find(key);
  if (at == std::string::npos) return "";
  const std::string rest = object.substr(at + key.size());
  if (rest.front() == '[') return rest.substr(0, rest.find(']') + 1);
  if (rest.front() == '"') return rest.substr(1, rest.find('"', 1) - 1);
  return rest.substr(0, rest.find_first_of(",}"));
}

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_READ_TOKEN_H_
