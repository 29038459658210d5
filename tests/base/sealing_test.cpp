#include "base/sealing.h"

#include <sys/stat.h>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/file.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace sekisho {
namespace {

Keyring new_keyring(std::string_view id = "k1") {
  SystemRandom random;
  return Keyring::parse(Keyring::new_file_text(random, id)).value();
}

TEST_CASE("a sealed value does not open in another row", "[base]") {
  SystemRandom random;
  const Keyring keyring = new_keyring();
  const Sealed sealed = seal(keyring, random, Secret("seed"), "totp:1").value();
  CHECK(unseal(keyring, sealed, "totp:2").error().code == ErrorCode::kCorrupt);
  CHECK(unseal(keyring, sealed, "totp:1").value().reveal_text() == "seed");
}

TEST_CASE("a sealed value does not open with another key, nor without one", "[base]") {
  SystemRandom random;
  const Sealed sealed = seal(new_keyring(), random, Secret("seed"), "row").value();
  CHECK(unseal(new_keyring(), sealed, "row").error().code == ErrorCode::kCorrupt);
  CHECK(unseal(new_keyring("k2"), sealed, "row").error().code == ErrorCode::kNotFound);
}

TEST_CASE("a change of any byte of a sealed value is found", "[base]") {
  SystemRandom random;
  const Keyring keyring = new_keyring();
  const Sealed sealed = seal(keyring, random, Secret("0123456789"), "row").value();
  for (std::size_t i = 0; i < sealed.bytes.size(); ++i) {
    Sealed changed = sealed;
    changed.bytes[i] ^= 1;
    CHECK(unseal(keyring, changed, "row").error().code == ErrorCode::kCorrupt);
  }
  Sealed cut = sealed;
  cut.bytes.resize(27);
  CHECK(unseal(keyring, cut, "row").error().code == ErrorCode::kCorrupt);
}

TEST_CASE("an older key still opens what it sealed after a newer one was added", "[base]") {
  SystemRandom random;
  const Secret old_text = Keyring::new_file_text(random, "k1");
  const Sealed sealed =
      seal(Keyring::parse(old_text).value(), random, Secret("seed"), "row").value();
  const std::string both = std::string(old_text.reveal_text()) + "k2 " +
                           base64url_of(random.bytes(Keyring::kKeyBytes)) + "\n";
  const Keyring keyring = Keyring::parse(Secret(std::string_view(both))).value();
  CHECK(keyring.current_id() == "k2");
  CHECK(unseal(keyring, sealed, "row").value().reveal_text() == "seed");
}

TEST_CASE("a key file that others can read is refused", "[base]") {
  const testing::TemporaryFolder folder;
  SystemRandom random;
  const std::string path = folder.file("seal.keys");
  REQUIRE(create_file_durably(path, Keyring::new_file_text(random, "k1").reveal_text(), 0640));
  CHECK(Keyring::load(path));
  REQUIRE(chmod(path.c_str(), 0644) == 0);
  CHECK(Keyring::load(path).error().code == ErrorCode::kDenied);
  CHECK(Keyring::load(folder.file("none")).error().code == ErrorCode::kNotFound);
}

TEST_CASE("a malformed key file is refused with its line", "[base]") {
  const auto message = [](std::string_view text) {
    return Keyring::parse(Secret(text)).error().message;
  };
  CHECK(message("") == "the key file holds no key");
  CHECK(message("# c\nk1\n") == "line 2 of the key file is not \"<key id> <key>\"");
  CHECK(message("k1 AAAA\n") == "line 1 of the key file: the key is not 32 bytes in base64url");
}

// FIPS 180-4 example; RFC 4231 test case 2; RFC 5869 test case 3 (no salt, no info).
TEST_CASE("digests give the published values", "[base]") {
  CHECK(hex_of(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_of(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const Bytes key(22, 0x0b);
  CHECK(hex_of(derive_key(key, "", 42).reveal()) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

}  // namespace
}  // namespace sekisho
