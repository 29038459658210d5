// What a key answered is taken apart without believing it, and every code has its fault.

#include "authn/factors/key_answer.h"

#include <fcntl.h>
#include <fido.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <thread>

#include "authn/factors/key_fault.h"
#include "base/encoding.h"
#include "base/file.h"
#include "tests/factors/key_trial.h"
#include "tests/support/catch.h"
#include "tests/support/cbor_value.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::authn {
namespace {

using testing::Cbor;
using testing::encoded;
using testing::KeyTrial;
using testing::outcome_of;

// Authenticator data of a new credential with these extensions.
Bytes new_data(const Bytes& extensions) {
  Bytes data(32, 0xaa);
  data.push_back(0xc1);  // UP, AT, ED
  data.resize(37 + 16);
  data.insert(data.end(), {0, 2, 0xbb, 0xbb});
  const Bytes key = encoded(Cbor::Map{{1, 2}, {3, -7}, {-1, 1}, {-2, Bytes(32)}, {-3, Bytes(32)}});
  data.insert(data.end(), key.begin(), key.end());
  data.insert(data.end(), extensions.begin(), extensions.end());
  return data;
}

TEST_CASE("the protection a key reports is read back", "[factors][security_key]") {
  CHECK(protection_level(new_data(encoded(Cbor::Map{{"credProtect", 3}}))) == 3);
  CHECK(protection_level(new_data(encoded(Cbor::Map{{"credProtect", 1}, {"hmac-secret", true}}))) ==
        1);
  CHECK(protection_level(new_data(encoded(Cbor::Map{{"hmac-secret", true}}))) == 0);
  CHECK(protection_level(new_data(encoded(Cbor::Map{{"credProtect", 4}}))) == 0);
  CHECK(protection_level(new_data(encoded(Cbor::Map{{"credProtect", "3"}}))) == 0);
  CHECK(protection_level(new_data(encoded(Cbor(3)))) == 0);
  Bytes unflagged = new_data(encoded(Cbor::Map{{"credProtect", 3}}));
  unflagged[32] &= 0x7f;
  CHECK(protection_level(unflagged) == 0);
}

TEST_CASE("protection cut short is none", "[factors][security_key]") {
  const Bytes whole = new_data(encoded(Cbor::Map{{"credProtect", 3}}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(protection_level(ByteView(whole).first(size)) == 0);
  }
}

TEST_CASE("a wrapped byte string is whole or none", "[factors][security_key]") {
  for (const std::size_t size : {0, 1, 23, 24, 255, 256, 2000}) {
    const Bytes content(size, 0x77);
    const Bytes wrapped = encoded(content);
    CHECK(unwrapped_bytes(wrapped) == content);
    CHECK_FALSE(unwrapped_bytes(ByteView(wrapped).first(wrapped.size() - 1)));
    Bytes longer = wrapped;
    longer.push_back(0);
    CHECK_FALSE(unwrapped_bytes(longer));
  }
  CHECK_FALSE(unwrapped_bytes({}));
  for (const char* bad : {"60", "5f41aaff", "5a00000001aa", "5c", "58", "59", "5900"}) {
    INFO(bad);
    CHECK_FALSE(unwrapped_bytes(*bytes_from_hex(bad)));
  }
}

TEST_CASE("an attestation object has a map for its statement", "[factors][security_key]") {
  const Bytes data(200, 1);
  const auto object = attestation_object_of("none", Bytes{0xa0}, data);
  REQUIRE(object);
  CHECK(*object ==
        encoded(Cbor::Map{{"fmt", "none"}, {"attStmt", Cbor::Map{}}, {"authData", data}}));
  CHECK_FALSE(attestation_object_of("none", {}, data));
  CHECK_FALSE(attestation_object_of("none", Bytes{0x80}, data));
  CHECK_FALSE(attestation_object_of("none", Bytes{0xa0}, Bytes(0x10000)));
}

TEST_CASE("every answer a key can give has its fault", "[factors][security_key]") {
  const std::map<int, std::string> named{
      {FIDO_ERR_NO_CREDENTIALS, "no_credential"},
      {FIDO_ERR_INVALID_CREDENTIAL, "no_credential"},
      {FIDO_ERR_CREDENTIAL_EXCLUDED, "already_registered"},
      {FIDO_ERR_PIN_REQUIRED, "pin_required"},
      {FIDO_ERR_UV_BLOCKED, "pin_required"},
      {FIDO_ERR_UV_INVALID, "pin_required"},
      {FIDO_ERR_PIN_NOT_SET, "pin_not_set"},
      {FIDO_ERR_PIN_INVALID, "pin_wrong"},
      {FIDO_ERR_PIN_AUTH_BLOCKED, "pin_auth_blocked"},
      {FIDO_ERR_PIN_BLOCKED, "pin_blocked"},
      {FIDO_ERR_PIN_POLICY_VIOLATION, "pin_change_forced"},
      {FIDO_ERR_TIMEOUT, "not_touched"},
      {FIDO_ERR_USER_ACTION_TIMEOUT, "not_touched"},
      {FIDO_ERR_ACTION_TIMEOUT, "not_touched"},
      {FIDO_ERR_PIN_TOKEN_EXPIRED, "not_touched"},
      {FIDO_ERR_OPERATION_DENIED, "not_touched"},
      {FIDO_ERR_UP_REQUIRED, "not_touched"},
      {FIDO_ERR_KEEPALIVE_CANCEL, "not_touched"},
      {FIDO_ERR_UNSUPPORTED_ALGORITHM, "unsupported"},
      {FIDO_ERR_KEY_STORE_FULL, "unsupported"},
      {FIDO_ERR_LIMIT_EXCEEDED, "unsupported"},
      {FIDO_ERR_REQUEST_TOO_LARGE, "unsupported"},
      {FIDO_ERR_UNSUPPORTED_OPTION, "unsupported"},
      {FIDO_ERR_INVALID_OPTION, "unsupported"},
      {FIDO_ERR_UNSUPPORTED_EXTENSION, "unsupported"},
      {FIDO_ERR_INVALID_COMMAND, "unsupported"},
  };
  for (int code = -20; code <= 0xff; ++code) {
    if (code == FIDO_OK) continue;
    INFO(code);
    const auto known = named.find(code);
    CHECK(name_of(fault_of(code)) == (known == named.end() ? "broken" : known->second));
    CHECK(is_transport_failure(code) ==
          (code == FIDO_ERR_TX || code == FIDO_ERR_RX || code == FIDO_ERR_INTERNAL));
  }
}

TEST_CASE("nothing that goes to a key is written down", "[factors][security_key]") {
  const testing::TemporaryFolder folder;
  const std::string file = folder.file("stderr");
  setenv("FIDO_DEBUG", "1", 1);
  const UniqueFd stderr_before(dup(STDERR_FILENO));
  const UniqueFd into(open(file.c_str(), O_WRONLY | O_CREAT, 0600));
  REQUIRE(dup2(into.get(), STDERR_FILENO) == STDERR_FILENO);
  std::string outcome;
  // libfido2 looks at the environment once in each thread.
  std::thread([&] {
    KeyTrial trial(KeyTrial::kPin);
    CreationRequest request = trial.creation();
    request.verify_user = true;
    request.pin = Secret(trial.pin);
    outcome = outcome_of(trial.make(request));
  }).join();
  dup2(stderr_before.get(), STDERR_FILENO);
  unsetenv("FIDO_DEBUG");
  CHECK(outcome == "ok");
  CHECK(read_file(file, 1 << 20).value() == "");
}

}  // namespace
}  // namespace sekisho::authn
