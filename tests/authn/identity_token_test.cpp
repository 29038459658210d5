// What an application is told, to the byte.

#include "authn/identity_token.h"

#include "tests/support/read_token.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::must;
using testing::read_token;

constexpr Instant kNow{1'800'000'000'999ms};

IdentityClaims hanako() {
  return {"https://portal.town.example",
          "tax.town.example",
          "hanako",
          "関所 \"花子\"",
          {"tax", "audit"},
          Assurance::kSecondFactor,
          "password totp",
          Instant(1'799'999'000'500ms),
          false};
}

std::string methods(std::string_view factors, Assurance assurance,
                    bool keys_may_be_synced = false) {
  IdentityClaims claims = hanako();
  claims.factors = factors;
  claims.assurance = assurance;
  claims.keys_may_be_synced = keys_may_be_synced;
  std::string text;
  for (const std::string& method : methods_of(claims)) text += (text.empty() ? "" : " ") + method;
  return text;
}

TEST_CASE("a token says who, to whom, how proven and until when, in whole seconds", "[authn]") {
  const Es256Key key = must(Es256Key::make());
  const auto token = read_token(must(identity_token(key, "the-kid", hanako(), kNow, 60s)));
  CHECK(token.header == R"({"alg":"ES256","typ":"JWT","kid":"the-kid"})");
  CHECK(token.claims ==
        R"({"iss":"https://portal.town.example","aud":"tax.town.example","sub":"hanako",)"
        R"("name":"関所 \"花子\"","groups":["tax","audit"],"acr":"any-second-factor",)"
        R"("amr":["pwd","otp","mfa"],"auth_time":1799999000,"iat":1800000000,"exp":1800000060})");
  CHECK(token.is_signed_by(key.public_key()));
  CHECK_FALSE(token.is_signed_by(must(Es256Key::make()).public_key()));
}

TEST_CASE("a person without groups or a name of display has none, and the user name", "[authn]") {
  IdentityClaims claims = hanako();
  claims.groups.clear();
  claims.display_name.clear();
  const Es256Key key = must(Es256Key::make());
  const auto token = read_token(must(identity_token(key, "k", claims, kNow, 60s)));
  CHECK(testing::member(token.claims, "groups") == "[]");
  CHECK(testing::member(token.claims, "name") == "hanako");
}

TEST_CASE("factors are told in the words of RFC 8176", "[authn]") {
  CHECK(methods("password", Assurance::kPassword) == "pwd");
  CHECK(methods("password totp", Assurance::kSecondFactor) == "pwd otp mfa");
  CHECK(methods("password recovery", Assurance::kSecondFactor) == "pwd otp mfa");
  CHECK(methods("password security_key", Assurance::kSecurityKey) == "pwd hwk user mfa");
  CHECK(methods("security_key+uv", Assurance::kVerifiedKey) == "hwk user mfa");
  CHECK(methods("password totp security_key+uv", Assurance::kVerifiedKey) ==
        "pwd otp hwk user mfa");
  // The right to bind a key is no factor.
  CHECK(methods("password enrolment_code", Assurance::kPassword) == "pwd");
}

TEST_CASE("a key that may have left its hardware is not told as hardware", "[authn]") {
  CHECK(methods("security_key+uv", Assurance::kVerifiedKey, true) == "pop user mfa");
}

// The key of RFC 7517 appendix A.1; its thumbprint by RFC 7638 section 3, computed with Python.
TEST_CASE("a key set names its keys by their thumbprints", "[authn]") {
  Bytes key = bytes_from_base64url("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4").value();
  const Bytes y = bytes_from_base64url("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM").value();
  key.insert(key.end(), y.begin(), y.end());
  CHECK(thumbprint_of(key) == "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
  const std::string one =
      R"({"kty":"EC","use":"sig","alg":"ES256","kid":"cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",)"
      R"("crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
      R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})";
  CHECK(key_set_text({}) == R"({"keys":[]})");
  CHECK(key_set_text(std::vector<Bytes>{key}) == R"({"keys":[)" + one + "]}");
  CHECK(key_set_text(std::vector<Bytes>{key, key}) == R"({"keys":[)" + one + "," + one + "]}");
}

}  // namespace
}  // namespace sekisho::authn
