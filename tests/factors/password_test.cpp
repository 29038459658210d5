#include "authn/factors/password.h"

#include "base/encoding.h"
#include "tests/support/fixed_random.h"
#include "tests/support/outcome.h"

namespace sekisho::authn {
namespace {

using testing::FixedRandom;
using testing::must;
using testing::outcome_of;

constexpr Argon2Cost kCheap{8, 1, 1};  // the least Argon2 allows: what is tested is not its cost
const Bytes kKey(32, 0x4b);

std::string hash_of(std::string_view password, const Argon2Cost& cost = kCheap) {
  SystemRandom random;
  return must(hash_password(Secret(password), kKey, random, cost));
}

bool matches(std::string_view password, const std::string& hash, const Bytes& key = kKey) {
  return must(verify_password(Secret(password), key, hash));
}

std::string objection(std::string_view password, std::string_view user = "hanako") {
  const char* text = password_objection(user, Secret(password));
  return text == nullptr ? "" : text;
}

TEST_CASE("a password that differs in any way does not match", "[factors]") {
  const std::string hash = hash_of("correct horse");
  CHECK_FALSE(matches("", hash));
  CHECK_FALSE(matches("Correct horse", hash));
  CHECK_FALSE(matches("correct horse ", hash));
  CHECK_FALSE(matches("correct hors", hash));
  CHECK_FALSE(matches(std::string_view("correct horse\0", 14), hash));
  CHECK_FALSE(matches(std::string_view("correct\0horse", 13), hash));
}

TEST_CASE("a password does not match without the key it was hashed with", "[factors]") {
  const std::string hash = hash_of("correct horse");
  Bytes other = kKey;
  other.back() ^= 1;
  CHECK_FALSE(matches("correct horse", hash, other));
  CHECK_FALSE(matches("correct horse", hash, Bytes()));
}

TEST_CASE("every byte of a long password counts", "[factors]") {
  const std::string password(kPasswordLimit, 'x');
  const std::string hash = hash_of(password);
  CHECK_FALSE(matches(password.substr(0, kPasswordLimit - 1) + "y", hash));
  CHECK_FALSE(matches(password.substr(1), hash));
  CHECK(matches(password, hash));
}

TEST_CASE("a hash that is not in our form is an error, not a refusal", "[factors]") {
  const std::string good = hash_of("correct horse");
  const std::string salt = "AAAAAAAAAAAAAAAAAAAAAA";                       // 16 bytes
  const std::string tail = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";  // 32 bytes
  const std::string head = "$argon2id$v=19$m=8,t=1,p=1$";
  REQUIRE(verify_password(Secret("x"), kKey, head + salt + "$" + tail));
  for (const std::string& bad : {
           std::string(),
           std::string("correct horse"),
           std::string("$2y$10$abcdefghijklmnopqrstuv"),
           "x" + good,
           good + "$",
           good + " ",
           good.substr(0, good.size() - 1),
           good.substr(0, good.rfind('$')),
           "$argon2i$v=19$m=8,t=1,p=1$" + salt + "$" + tail,
           "$argon2id$v=16$m=8,t=1,p=1$" + salt + "$" + tail,
           "$argon2id$v=19$t=1,m=8,p=1$" + salt + "$" + tail,
           "$argon2id$v=19$m=8,t=1$" + salt + "$" + tail,
           "$argon2id$v=19$m=8,t=1,p=1,x=1$" + salt + "$" + tail,
           "$argon2id$v=19$m=+8,t=1,p=1$" + salt + "$" + tail,
           "$argon2id$v=19$m=,t=1,p=1$" + salt + "$" + tail,
           head + salt.substr(0, 20) + "$" + tail,  // 15 bytes of salt
           head + "$" + tail,
           head + salt + "$",
           head + salt + "$" + tail + "AA",
           head + salt + "$" + tail.substr(0, 42) + "B",  // left-over bits
           head + salt + "$" + tail.substr(0, 42) + "+",
       }) {
    INFO(bad);
    CHECK(outcome_of(verify_password(Secret("correct horse"), kKey, bad)) ==
          "corrupt: a password hash in the store is malformed");
  }
}

TEST_CASE("a hash whose cost was tampered with cannot eat the machine", "[factors]") {
  const std::string tail = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  for (const char* cost : {"m=1048577,t=1,p=1", "m=4294967295,t=1,p=1", "m=4294967304,t=1,p=1",
                           "m=99999999999999999999,t=1,p=1", "m=8,t=65,p=1", "m=8,t=4294967297,p=1",
                           "m=136,t=1,p=17", "m=0,t=1,p=1", "m=8,t=0,p=1", "m=8,t=1,p=0"}) {
    INFO(cost);
    CHECK(outcome_of(
              verify_password(Secret("x"), kKey, "$argon2id$v=19$" + std::string(cost) + tail)) ==
          "corrupt: a password hash in the store is malformed");
  }
}

TEST_CASE("a hash at the bound of passes and lanes is still verified", "[factors]") {
  CHECK(matches("correct horse", hash_of("correct horse", {128, 64, 16})));
}

TEST_CASE("memory below what Argon2 needs is an error, not a refusal", "[factors]") {
  const std::string hash =
      "$argon2id$v=19$m=1,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  CHECK(outcome_of(verify_password(Secret("x"), kKey, hash)).starts_with("internal: argon2: "));
}

TEST_CASE("a hash whose cost or salt was changed does not match any more", "[factors]") {
  const std::string hash = hash_of("correct horse");
  std::string cost = hash;
  cost.replace(cost.find("m=8"), 3, "m=9");
  CHECK_FALSE(matches("correct horse", cost));
  std::string salt = hash;
  char& digit = salt[salt.find("p=1$") + 4];
  digit = digit == 'A' ? 'B' : 'A';
  CHECK_FALSE(matches("correct horse", salt));
}

TEST_CASE("no password matches the decoy", "[factors]") {
  const std::string decoy = decoy_password_hash(kCheap);
  for (const std::string& password : {std::string(), std::string("password"), std::string(32, '\0'),
                                      std::string(16, '\0'), decoy, std::string("x")}) {
    CHECK_FALSE(matches(password, decoy));
    CHECK_FALSE(matches(password, decoy, Bytes()));
  }
}

TEST_CASE("the decoy costs what a real hash costs", "[factors]") {
  const std::string head = "$argon2id$v=19$m=19456,t=2,p=1$";
  CHECK(decoy_password_hash().starts_with(head));
  CHECK(hash_of("correct horse", Argon2Cost{}).starts_with(head));
  CHECK(decoy_password_hash().size() == hash_of("correct horse", Argon2Cost{}).size());
}

TEST_CASE("the password that was hashed matches, whatever its script", "[factors]") {
  for (const std::string& password :
       {std::string("correct horse"), std::string("関所を通る合言葉"), std::string("a\0b", 3),
        std::string(kPasswordLimit, '\xff')}) {
    CHECK(matches(password, hash_of(password)));
  }
}

TEST_CASE("the same password hashes to another text each time", "[factors]") {
  CHECK(hash_of("correct horse") != hash_of("correct horse"));
}

TEST_CASE("the hash holds nothing of the password or the key", "[factors]") {
  const std::string hash = hash_of("correct horse");
  CHECK(hash.find("correct") == std::string::npos);
  CHECK(hash.find(base64url_of(as_bytes("correct horse"))) == std::string::npos);
  CHECK(hash.find(base64url_of(kKey)) == std::string::npos);
}

// Test vectors of the reference implementation (P-H-C/phc-winner-argon2, src/test.c, version 0x13).
TEST_CASE("Argon2id agrees with the reference implementation's vectors", "[factors]") {
  const auto hex = [](std::string_view password, std::string_view salt, const Argon2Cost& cost) {
    return hex_of(must(argon2id(as_bytes(password), as_bytes(salt), {}, cost)));
  };
  CHECK(hex("password", "somesalt", {65536, 2, 1}) ==
        "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
  CHECK(hex("password", "somesalt", {256, 2, 1}) ==
        "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
  CHECK(hex("password", "somesalt", {256, 2, 2}) ==
        "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037");
  CHECK(hex("differentpassword", "somesalt", {65536, 2, 1}) ==
        "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde");
}

TEST_CASE("a new password of fewer than 8 characters is refused", "[factors]") {
  const std::string reason = "the password has fewer than 8 characters";
  CHECK(objection("") == reason);
  CHECK(objection("abcdefg") == reason);
  CHECK(objection("関所関所関所関") == reason);  // 7 characters, 21 bytes
  CHECK(objection("abcdefgh") == "");
  CHECK(objection("関所を通る合言葉") == "");
}

TEST_CASE("a new password of more than 256 bytes is refused", "[factors]") {
  const std::string most = "ab" + std::string(kPasswordLimit - 2, 'c');
  CHECK(objection(most + "d") == "the password is longer than 256 bytes");
  CHECK(objection(most) == "");
}

TEST_CASE("a new password that is not UTF-8 is refused", "[factors]") {
  CHECK(objection("abcdefgh\xff") == "the password is not valid UTF-8");
  CHECK(objection("\x8a\xd6\x8f\x8a\x8a\xd6\x8f\x8a") == "the password is not valid UTF-8");
}

TEST_CASE("a new password of one repeated character is refused", "[factors]") {
  CHECK(objection("aaaaaaaa") == "the password repeats one character");
  CHECK(objection("aaaaaaab") == "");
}

TEST_CASE("the user's own name is refused as a password, in any case", "[factors]") {
  CHECK(objection("hanako.sekisho", "hanako.sekisho") == "the password is the user name");
  CHECK(objection("Hanako.Sekisho", "hanako.sekisho") == "the password is the user name");
  CHECK(objection("hanako.sekisho", "taro") == "");
}

TEST_CASE("the most common passwords are refused, in any case", "[factors]") {
  const std::string reason = "the password is among the most common ones";
  CHECK(objection("password") == reason);
  CHECK(objection("PassWord1") == reason);
  CHECK(objection("1234567890") == reason);
}

TEST_CASE("no composition of a new password is asked for", "[factors]") {
  CHECK(objection("vermilion bridge over the river") == "");
  CHECK(objection("7401923856") == "");
}

}  // namespace
}  // namespace sekisho::authn
