#include "authn/factors/recovery_code.h"

#include <set>

#include "base/encoding.h"
#include "tests/support/fixed_random.h"
#include "tests/support/outcome.h"

namespace sekisho::authn {
namespace {

using testing::FixedRandom;
using testing::must;

const Bytes kSalt(16, 0x53);
const Bytes kKey(32, 0x4b);

Bytes hash(std::string_view typed, const Bytes& salt = kSalt, const Bytes& key = kKey) {
  return must(hash_recovery_code(typed, salt, key));
}

TEST_CASE("what has not the shape of a recovery code is told from one", "[factors]") {
  CHECK_FALSE(looks_like_recovery_code(""));
  CHECK_FALSE(looks_like_recovery_code("755224"));
  CHECK_FALSE(looks_like_recovery_code("ABCD-EFGH-IJKL-MNO"));
  CHECK_FALSE(looks_like_recovery_code("ABCD-EFGH-IJKL-MNOPQ"));
  CHECK_FALSE(looks_like_recovery_code("ABCD-EFGH-IJKL-MNO1"));  // 1, 8, 9 and 0 are not base32
  CHECK_FALSE(looks_like_recovery_code("ABCD_EFGH_IJKL_MNOP"));
  CHECK_FALSE(looks_like_recovery_code(std::string(16, '\0')));
  CHECK_FALSE(looks_like_recovery_code("関所関所関所"));
  CHECK_FALSE(looks_like_recovery_code(std::string(1 << 20, 'A')));
  CHECK_FALSE(looks_like_recovery_code("ABCDEFGHIJKLMNOP" + std::string(49, ' ')));
}

TEST_CASE("a recovery code is recognised in any case, with hyphens or spaces anywhere",
          "[factors]") {
  CHECK(looks_like_recovery_code("ABCD-EFGH-IJKL-MNOP"));
  CHECK(looks_like_recovery_code("abcdefghijklmnop"));
  CHECK(looks_like_recovery_code(" ab cd-EFGH ijkl mnop "));
}

TEST_CASE("a code that differs in one character has another hash", "[factors]") {
  CHECK(hash("ABCD-EFGH-IJKL-MNOP") != hash("ABCD-EFGH-IJKL-MNOQ"));
  CHECK(hash("ABCD-EFGH-IJKL-MNOP") != hash("ABCD-EFGH-IJKL-MNO"));
}

TEST_CASE("a recovery code has another hash under another salt or key", "[factors]") {
  const std::string code = "ABCD-EFGH-IJKL-MNOP";
  CHECK(hash(code) != hash(code, Bytes(16, 0x54)));
  CHECK(hash(code) != hash(code, kSalt, Bytes(32, 0x4c)));
}

TEST_CASE("a text of any bytes and any length hashes to something no code has", "[factors]") {
  const Bytes real = hash("ABCD-EFGH-IJKL-MNOP");
  for (const std::string& typed : {std::string(), std::string(1 << 20, 'A'), std::string(16, '\0'),
                                   std::string("\xff\xfe"), std::string("755224")}) {
    CHECK(hash(typed) != real);
    CHECK(hash(typed).size() == 32);
  }
}

TEST_CASE("however a recovery code is typed, its hash is the same", "[factors]") {
  const Bytes real = hash("ABCD-EFGH-IJKL-MNOP");
  CHECK(hash("abcdefghijklmnop") == real);
  CHECK(hash(" abcd efgh ijkl-mnop ") == real);
}

TEST_CASE("a recovery code carries 80 bits in four groups of four", "[factors]") {
  FixedRandom random(0xf0);
  const Secret code = new_recovery_code(random);
  CHECK(code.reveal_text() == "6DY7-F47U-6X3P-P6HZ");
  const auto bytes = bytes_from_base32(normalized_base32(code.reveal_text()));
  REQUIRE(bytes);
  CHECK(hex_of(*bytes) == "f0f1f2f3f4f5f6f7f8f9");
  CHECK(looks_like_recovery_code(code.reveal_text()));
}

TEST_CASE("recovery codes do not repeat", "[factors]") {
  SystemRandom random;
  std::set<std::string> codes;
  for (int i = 0; i < 1000; ++i) codes.emplace(new_recovery_code(random).reveal_text());
  CHECK(codes.size() == 1000);
}

}  // namespace
}  // namespace sekisho::authn
