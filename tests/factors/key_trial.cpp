#include "tests/factors/key_trial.h"

#include "base/encoding.h"
#include "tests/support/catch.h"
#include "tests/support/cbor_value.h"

namespace sekisho::testing {
namespace {

const Bytes kChallenge(32, 0x5a);
const std::string kOrigin = "https://sekisho.test";

std::string client_data(const std::string& type) {
  return R"({"type":")" + type + R"(","challenge":")" + base64url_of(kChallenge) +
         R"(","origin":")" + kOrigin + R"(","crossOrigin":false})";
}

}  // namespace

KeyTrial::KeyTrial(const std::string& its_pin) : pin(its_pin), keys(software_ports({&key})) {
  key.change([&](SoftwareKeyState& state) { state.pin = pin; });
}

authn::AssertionRequest KeyTrial::request_for(std::vector<Bytes> credentials) const {
  authn::AssertionRequest request;
  request.rp_id = kRpId;
  request.client_data_hash = sha256(client_data("webauthn.get"));
  request.credentials = std::move(credentials);
  request.timeout = std::chrono::seconds(20);
  return request;
}

authn::CreationRequest KeyTrial::creation() const {
  authn::CreationRequest request;
  request.rp_id = kRpId;
  request.rp_name = "The town office";
  request.user_handle = {1, 2, 3, 4};
  request.user_name = "hanako";
  request.display_name = "山田花子";
  request.client_data_hash = sha256(client_data("webauthn.create"));
  request.timeout = std::chrono::seconds(20);
  return request;
}

authn::FromKey<authn::KeyAssertion> KeyTrial::get(const authn::AssertionRequest& request) {
  return keys.get_assertion(key.path(), request, cancellation);
}

authn::FromKey<authn::KeyCredential> KeyTrial::make(const authn::CreationRequest& request) {
  return keys.make_credential(key.path(), request, cancellation);
}

Registered KeyTrial::registered() {
  authn::CreationRequest request = creation();
  request.verify_user = !pin.empty();
  request.protects_by_verification = !pin.empty();
  if (!pin.empty()) request.pin = Secret(pin);
  return registered(request);
}

Registered KeyTrial::registered(const authn::CreationRequest& request) {
  const auto made = make(request);
  INFO(outcome_of(made));
  REQUIRE(made);
  const std::optional<Cbor> object = decoded(made->attestation_object);
  REQUIRE(object);
  const Bytes* data = object->find_as<Bytes>("authData");
  REQUIRE(data != nullptr);
  const auto read = authn::read_authenticator_data(*data);
  REQUIRE(read);
  REQUIRE(read->credential);
  return {copy_of(read->credential->id),
          {read->credential->key, read->is_backup_eligible, read->sign_count}};
}

std::string KeyTrial::judged(const Registered& who, const authn::KeyAssertion& assertion,
                             bool requires_verification) const {
  const std::string data = client_data("webauthn.get");
  const std::vector<std::string> origins{kOrigin};
  const auto verified =
      authn::verify_assertion(who.key, {kRpId, origins, kChallenge, requires_verification},
                              {as_bytes(data), assertion.authenticator_data, assertion.signature});
  if (!verified) return std::string(name_of(verified.error()));
  return verified->is_clone_suspected ? "clone_suspected" : "ok";
}

}  // namespace sekisho::testing
