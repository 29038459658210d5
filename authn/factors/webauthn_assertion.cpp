#include "authn/factors/webauthn_assertion.h"

#include "authn/factors/client_data.h"
#include "base/digest.h"

namespace sekisho::authn {
namespace {

// Steps 20 and 21.
bool is_signed(const RegisteredKey& key, const Assertion& assertion) {
  Bytes message = copy_of(assertion.authenticator_data);
  const Digest hash = sha256(assertion.client_data);
  message.insert(message.end(), hash.begin(), hash.end());
  return has_signed(key.key, message, assertion.signature);
}

}  // namespace

Webauthn<VerifiedAssertion> verify_assertion(const RegisteredKey& key,
                                             const ExpectedAssertion& expected,
                                             const Assertion& assertion) {
  const auto client = check_client_data(
      assertion.client_data, {Ceremony::kAssertion, expected.challenge, expected.origins});
  if (!client) return std::unexpected(client.error());
  const auto data = read_authenticator_data(assertion.authenticator_data);
  if (!data) return std::unexpected(data.error());
  const auto checked =
      check_authenticator_data(*data, expected.rp_id, expected.requires_user_verification);
  if (!checked) return std::unexpected(checked.error());
  if (data->is_backup_eligible != key.is_backup_eligible) {
    return std::unexpected(WebauthnFault::kBackupEligibilityChanged);
  }
  if (!is_signed(key, assertion)) return std::unexpected(WebauthnFault::kBadSignature);
  const bool counts = data->sign_count != 0 || key.sign_count != 0;
  return VerifiedAssertion{data->is_user_verified, data->is_backed_up, data->sign_count,
                           counts && data->sign_count <= key.sign_count};
}

}  // namespace sekisho::authn
