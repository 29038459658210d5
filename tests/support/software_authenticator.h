// The mind of a software security key: CTAP 2.1 commands (section 6) in, answers out.
#ifndef SEKISHO_TESTS_SUPPORT_SOFTWARE_AUTHENTICATOR_H_
#define SEKISHO_TESTS_SUPPORT_SOFTWARE_AUTHENTICATOR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "tests/support/cbor_value.h"
#include "tests/support/p256_key.h"
#include "tests/support/software_key_state.h"

namespace sekisho::testing {

// Section 8.2.
enum class CtapStatus : std::uint8_t {
  kOk = 0x00,
  kInvalidCommand = 0x01,
  kInvalidParameter = 0x02,
  kInvalidCbor = 0x12,
  kMissingParameter = 0x14,
  kCredentialExcluded = 0x19,
  kUnsupportedAlgorithm = 0x26,
  kKeyStoreFull = 0x28,
  kInvalidOption = 0x2c,
  kKeepAliveCancel = 0x2d,
  kNoCredentials = 0x2e,
  kUserActionTimeout = 0x2f,
  kPinInvalid = 0x31,
  kPinBlocked = 0x32,
  kPinAuthInvalid = 0x33,
  kPinAuthBlocked = 0x34,
  kPinNotSet = 0x35,
  kPuatRequired = 0x36,
  kPinPolicyViolation = 0x37,
  kRequestTooLarge = 0x39,
  kUvInvalid = 0x3f,
};

Bytes answer_of(CtapStatus status);

class SoftwareAuthenticator {
 public:
  SoftwareAuthenticator();

  // The answer to `command` (its byte and its parameters); nullopt when it needs a touch first:
  // then ask again with `is_touched`.
  std::optional<Bytes> answer(ByteView command, SoftwareKeyState& state, bool is_touched);

 private:
  // What a request's options and PIN parameters come to.
  struct Verified {
    CtapStatus status = CtapStatus::kOk;
    bool is_verified = false;
  };

  std::optional<Bytes> make_credential(const Cbor& request, SoftwareKeyState& state,
                                       bool is_touched);
  std::optional<Bytes> get_assertion(const Cbor& request, SoftwareKeyState& state, bool is_touched);
  Bytes client_pin(const Cbor& request, SoftwareKeyState& state);
  Bytes token_by_pin(const Cbor& request, SoftwareKeyState& state);
  Bytes token_in_answer(const Cbor& request);
  Verified verified(const Cbor& request, const SoftwareKeyState& state, int first_pin_member,
                    const Bytes& client_data_hash) const;

  P256Key agreement_key_;
  Bytes token_;
};

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_SOFTWARE_AUTHENTICATOR_H_
