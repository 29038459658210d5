// A software security key behind the real code, and the relying party it is shown to.
#ifndef SEKISHO_TESTS_FACTORS_KEY_TRIAL_H_
#define SEKISHO_TESTS_FACTORS_KEY_TRIAL_H_

#include <optional>
#include <string>
#include <vector>

#include "authn/factors/usb_security_keys.h"
#include "authn/factors/webauthn_assertion.h"
#include "tests/support/software_security_key.h"

namespace sekisho::testing {

struct Registered {
  Bytes id;
  authn::RegisteredKey key;
};

// The words of an outcome: "ok", or the fault's name.
template <typename T>
std::string outcome_of(const authn::FromKey<T>& result) {
  return result ? "ok" : std::string(name_of(result.error()));
}

struct KeyTrial {
  static constexpr const char* kRpId = "sekisho.test";
  static constexpr const char* kPin = "hirake-goma";

  // A key that has `pin`, or none.
  explicit KeyTrial(const std::string& pin = "");

  authn::AssertionRequest request_for(std::vector<Bytes> credentials) const;
  authn::CreationRequest creation() const;

  authn::FromKey<authn::KeyAssertion> get(const authn::AssertionRequest& request);
  authn::FromKey<authn::KeyCredential> make(const authn::CreationRequest& request);

  // Makes a credential and reads it as a relying party would; verified, and shown to
  // verified users only, when the key has a PIN.
  Registered registered();
  Registered registered(const authn::CreationRequest& request);

  // What the relying party says of an assertion: "ok", or the fault's name.
  std::string judged(const Registered& who, const authn::KeyAssertion& assertion,
                     bool requires_verification = false) const;

  std::string pin;
  SoftwareSecurityKey key;
  authn::UsbSecurityKeys keys;
  authn::Cancellation cancellation;
};

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_FACTORS_KEY_TRIAL_H_
