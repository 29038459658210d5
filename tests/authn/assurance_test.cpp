#include "authn/assurance.h"

#include <string>

#include "tests/support/catch.h"

namespace sekisho::authn {
namespace {

std::string level_of(std::string_view factors) {
  const auto assurance = assurance_of(proof_of(factors));
  return assurance ? std::string(name_of(*assurance)) : "nothing";
}

TEST_CASE("what is no first factor opens nothing alone, nor two of its kind", "[authn]") {
  for (const char* factors :
       {"", "totp", "recovery", "security_key", "totp recovery", "totp security_key",
        "recovery security_key", "totp recovery security_key"}) {
    INFO(factors);
    CHECK(level_of(factors) == "nothing");
  }
}

TEST_CASE("an enrolment code proves nothing, alone or beside a password", "[authn]") {
  CHECK(level_of("enrolment_code") == "nothing");
  CHECK(level_of("password enrolment_code") == "password");
  CHECK(level_of("security_key enrolment_code") == "nothing");
  CHECK(level_of("password totp enrolment_code") == "any-second-factor");
}

TEST_CASE("names that are not exactly a factor's prove nothing", "[authn]") {
  for (const char* factors :
       {"Password", "passwords", "password,totp", "security_key+uv+", "security_key +uv",
        "security_key+UV", "+uv", "uv", "security_keys", "\tpassword", "password\n"}) {
    INFO(factors);
    CHECK(level_of(factors) == "nothing");
  }
  CHECK(level_of("password TOTP") == "password");
}

TEST_CASE("two different kinds of factor reach the level of the stronger of them", "[authn]") {
  struct Row {
    const char* factors;
    const char* level;
  };
  for (const Row& row : {Row{"password", "password"},
                         {"password totp", "any-second-factor"},
                         {"password recovery", "any-second-factor"},
                         {"password totp recovery", "any-second-factor"},
                         {"password security_key", "fido2"},
                         {"security_key password", "fido2"},
                         {"password totp security_key", "fido2"},
                         {"security_key+uv", "fido2+uv"},
                         {"password security_key+uv", "fido2+uv"},
                         {"totp security_key+uv", "fido2+uv"},
                         {"security_key security_key+uv", "fido2+uv"}}) {
    INFO(row.factors);
    CHECK(level_of(row.factors) == row.level);
  }
}

TEST_CASE("a key that verified nobody does not verify, whatever stands beside it", "[authn]") {
  const Proof proof = proof_of("password totp security_key");
  CHECK(proof.security_key);
  CHECK_FALSE(proof.user_verified);
  // The flag alone, without a key, is nothing either.
  CHECK_FALSE(assurance_of({.user_verified = true}));
  CHECK(assurance_of({.knowledge = true, .user_verified = true}) == Assurance::kPassword);
}

TEST_CASE("each level holds what the one before it does", "[authn]") {
  CHECK(Assurance::kPassword < Assurance::kSecondFactor);
  CHECK(Assurance::kSecondFactor < Assurance::kSecurityKey);
  CHECK(Assurance::kSecurityKey < Assurance::kVerifiedKey);
}

TEST_CASE("a level is named as rules name it, and nothing else is a level", "[authn]") {
  for (const char* name : {"password", "any-second-factor", "fido2", "fido2+uv"}) {
    const auto assurance = assurance_named(name);
    REQUIRE(assurance);
    CHECK(name_of(*assurance) == name);
  }
  for (const char* name : {"", "FIDO2", "fido2+", "fido2+uv ", "security_key", "totp", "none"}) {
    INFO(name);
    CHECK_FALSE(assurance_named(name));
  }
}

TEST_CASE("a factor is remembered once, and a key that verified beside one that did not",
          "[authn]") {
  CHECK(with_factor("", "password") == "password");
  CHECK(with_factor("password", "totp") == "password totp");
  CHECK(with_factor("password totp", "totp") == "password totp");
  CHECK(with_factor("password totp", "password") == "password totp");
  CHECK(with_factor("password security_key", kVerifiedKeyFactor) ==
        "password security_key security_key+uv");
  CHECK(with_factor("password security_key+uv", "security_key") ==
        "password security_key+uv security_key");
}

TEST_CASE("a factor is found only by its whole name", "[authn]") {
  CHECK(has_factor("password security_key+uv", "security_key+uv"));
  CHECK_FALSE(has_factor("password security_key+uv", "security_key"));
  CHECK_FALSE(has_factor("password", "pass"));
  CHECK_FALSE(has_factor("", "password"));
}

}  // namespace
}  // namespace sekisho::authn
