#include "base/es256.h"

#include "base/encoding.h"
#include "tests/support/es256_verifier.h"
#include "tests/support/outcome.h"

namespace sekisho {
namespace {

using testing::der_of;
using testing::must;
using testing::outcome_of;
using testing::p256_key;
using testing::verifies_es256;

// RFC 7515 appendix A.3.
constexpr std::string_view kX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr std::string_view kY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
constexpr std::string_view kD = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
constexpr std::string_view kSigned =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
    "LmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view kSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

Bytes decoded(std::string_view text) {
  return bytes_from_base64url(text).value();
}

Bytes public_key_of_rfc7515() {
  Bytes key = decoded(kX);
  const Bytes y = decoded(kY);
  key.insert(key.end(), y.begin(), y.end());
  return key;
}

TEST_CASE("the key of RFC 7515 is read, and what it signs is verified as the RFC's own is",
          "[base]") {
  const Bytes public_key = public_key_of_rfc7515();
  const Es256Key key = must(Es256Key::parse(der_of(p256_key(public_key, decoded(kD)).get())));
  CHECK(key.public_key() == public_key);
  REQUIRE(verifies_es256(public_key, kSigned, decoded(kSignature)));
  const Bytes signature = must(key.sign(as_bytes(kSigned)));
  CHECK(signature.size() == Es256Key::kSignatureBytes);
  CHECK(verifies_es256(public_key, kSigned, signature));
  CHECK_FALSE(verifies_es256(public_key, "another text", signature));
}

// r or s begins with a zero byte in one signature of 128.
TEST_CASE("every signature has 64 bytes, also where a number is short", "[base]") {
  const Es256Key key = must(Es256Key::make());
  for (int i = 0; i < 600; ++i) {
    const std::string message = std::to_string(i);
    const Bytes signature = must(key.sign(as_bytes(message)));
    REQUIRE(signature.size() == 64);
    if (signature[0] == 0 || signature[32] == 0 || i == 0) {
      REQUIRE(verifies_es256(key.public_key(), message, signature));
    }
  }
}

TEST_CASE("a new key is read back from what it was written as", "[base]") {
  const Es256Key key = must(Es256Key::make());
  const Es256Key again = must(Es256Key::parse(must(key.der())));
  CHECK(again.public_key() == key.public_key());
  CHECK(verifies_es256(key.public_key(), "a", must(again.sign(as_bytes("a")))));
  CHECK(must(Es256Key::make()).public_key() != key.public_key());
}

TEST_CASE("what is no private key on P-256 is refused", "[base]") {
  const std::string refusal = "invalid: not a private key on P-256";
  const Secret good = must(must(Es256Key::make()).der());
  Bytes longer = copy_of(good.reveal());
  longer.push_back(0);
  const std::shared_ptr<EVP_PKEY> p384(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384"),
                                       &EVP_PKEY_free);
  const std::shared_ptr<EVP_PKEY> ed25519(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                                          &EVP_PKEY_free);
  CHECK(outcome_of(Es256Key::parse(Secret())) == refusal);
  CHECK(outcome_of(Es256Key::parse(Secret(std::string_view("no key")))) == refusal);
  CHECK(outcome_of(Es256Key::parse(Secret(good.reveal().first(good.size() - 1)))) == refusal);
  CHECK(outcome_of(Es256Key::parse(Secret(std::move(longer)))) == refusal);
  CHECK(outcome_of(Es256Key::parse(der_of(p384.get()))) == refusal);
  CHECK_FALSE(Es256Key::parse(der_of(ed25519.get())));
}

}  // namespace
}  // namespace sekisho
