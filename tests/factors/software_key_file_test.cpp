// A software security key in a file is one key to every program that opens it, and a test may
// change it from outside.

#include <cstdlib>
#include <future>

#include "base/encoding.h"
#include "base/file.h"
#include "tests/factors/key_trial.h"
#include "tests/support/catch.h"
#include "tests/support/p256_key.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::authn {
namespace {

using testing::KeyTrial;
using testing::outcome_of;
using testing::P256Key;
using testing::Registered;
using testing::SoftwareSecurityKey;
using testing::TemporaryFolder;
using Fault = testing::SoftwareKeyFault;

void write(const std::string& file, const std::string& text) {
  REQUIRE(write_file_durably(file, text, 0600));
}

TEST_CASE("a key in a file is the same key to two programs", "[factors][security_key]") {
  const TemporaryFolder folder;
  SoftwareSecurityKey desk(folder.file("key.json"));
  SoftwareSecurityKey agent(folder.file("key.json"));
  UsbSecurityKeys at_desk(testing::software_ports({&desk}));
  UsbSecurityKeys at_terminal(testing::software_ports({&agent}));
  const KeyTrial words;
  Cancellation cancellation;
  REQUIRE(at_desk.make_credential(desk.path(), words.creation(), cancellation));
  const Bytes id = desk.state().credentials.at(0).id;
  const AssertionRequest request = words.request_for({id});
  CHECK(outcome_of(at_terminal.get_assertion(agent.path(), request, cancellation)) == "ok");
  CHECK(outcome_of(at_desk.get_assertion(desk.path(), request, cancellation)) == "ok");
  CHECK(agent.state().credentials.at(0).sign_count == 3);
}

TEST_CASE("a credential made in a browser is used on", "[factors][security_key]") {
  const TemporaryFolder folder;
  const P256Key made_elsewhere = P256Key::make();
  write(folder.file("key.json"),
        R"({"credentials": [{"credential_id": "AQID", "rp_id": "sekisho.test",
            "private_key": ")" +
            base64url_of(made_elsewhere.pkcs8()) + R"(", "sign_count": 41}]})");
  SoftwareSecurityKey key(folder.file("key.json"));
  UsbSecurityKeys keys(testing::software_ports({&key}));
  const KeyTrial relying_party;
  Cancellation cancellation;
  const auto assertion =
      keys.get_assertion(key.path(), relying_party.request_for({{1, 2, 3}}), cancellation);
  REQUIRE(outcome_of(assertion) == "ok");
  Registered who{{1, 2, 3}, {{-7, made_elsewhere.coordinates()}, false, 41}};
  CHECK(relying_party.judged(who, *assertion) == "ok");
  who.key.sign_count = 42;
  CHECK(relying_party.judged(who, *assertion) == "clone_suspected");
  CHECK(key.state().credentials.at(0).sign_count == 42);
}

TEST_CASE("a test touches and unplugs a key by its file", "[factors][security_key]") {
  const TemporaryFolder folder;
  const std::string file = folder.file("key.json");
  write(file, R"({"faults": ["slow_touch"]})");
  SoftwareSecurityKey key(file);
  UsbSecurityKeys keys(testing::software_ports({&key}));
  const KeyTrial words;
  Cancellation cancellation;
  auto waiting = std::async(std::launch::async, [&] {
    return outcome_of(keys.make_credential(key.path(), words.creation(), cancellation));
  });
  CHECK(key.wait_until_it_blinks());
  SECTION("touched") {
    write(file, "{}");
    CHECK(waiting.get() == "ok");
  }
  SECTION("unplugged") {
    write(file, R"({"attached": false})");
    CHECK(waiting.get() == "unplugged");
    CHECK(keys.list().empty());
  }
}

TEST_CASE("the environment says which keys are plugged in", "[factors][security_key]") {
  const TemporaryFolder folder;
  write(folder.file("one.json"), R"({"product": "One"})");
  const std::string value = folder.file("one.json") + ":" + folder.file("two.json");
  setenv("SEKISHO_SOFTWARE_KEYS", value.c_str(), 1);
  const auto keys = testing::software_security_keys_from_environment();
  unsetenv("SEKISHO_SOFTWARE_KEYS");
  const std::vector<KeyStatus> found = keys->list();
  REQUIRE(found.size() == 2);
  CHECK(found[0].product == "One");
  CHECK(found[1].product == "Software key");
  CHECK(testing::software_security_keys_from_environment()->list().empty());
}

}  // namespace
}  // namespace sekisho::authn
