#include "authn/factors/webauthn_assertion.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/es384.h>

#include <memory>

#include "authn/factors/client_data.h"
#include "base/digest.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kMaxSignature = 256;  // bytes; ES384 in DER has at most 104

template <typename T, void (*free_one)(T**)>
struct Free {
  void operator()(T* one) const { free_one(&one); }
};
using AssertPtr = std::unique_ptr<fido_assert_t, Free<fido_assert_t, fido_assert_free>>;
using Es256Ptr = std::unique_ptr<es256_pk_t, Free<es256_pk_t, es256_pk_free>>;
using Es384Ptr = std::unique_ptr<es384_pk_t, Free<es384_pk_t, es384_pk_free>>;
using EddsaPtr = std::unique_ptr<eddsa_pk_t, Free<eddsa_pk_t, eddsa_pk_free>>;

template <typename Ptr>
bool verifies(const fido_assert_t* assertion, const PublicKey& key, Ptr pk,
              int (*read)(typename Ptr::element_type*, const void*, std::size_t)) {
  return pk && read(pk.get(), key.bytes.data(), key.bytes.size()) == FIDO_OK &&
         fido_assert_verify(assertion, 0, key.algorithm, pk.get()) == FIDO_OK;
}

bool verifies(const fido_assert_t* assertion, const PublicKey& key) {
  switch (key.algorithm) {
    case COSE_ES256:
      return verifies(assertion, key, Es256Ptr(es256_pk_new()), es256_pk_from_ptr);
    case COSE_ES384:
      return verifies(assertion, key, Es384Ptr(es384_pk_new()), es384_pk_from_ptr);
    case COSE_EDDSA:
      return verifies(assertion, key, EddsaPtr(eddsa_pk_new()), eddsa_pk_from_ptr);
    default:
      return false;
  }
}

// libfido2 looks at the signature, the relying party and, since they are set to TRUE, the flags.
bool is_signed(const RegisteredKey& key, const ExpectedAssertion& expected,
               const Assertion& assertion) {
  thread_local const bool is_ready = (fido_init(FIDO_DISABLE_U2F_FALLBACK), true);
  const AssertPtr statement(is_ready ? fido_assert_new() : nullptr);
  if (!statement) return false;
  const Digest hash = sha256(assertion.client_data);
  fido_assert_t* const raw = statement.get();
  return fido_assert_set_clientdata_hash(raw, hash.data(), hash.size()) == FIDO_OK &&
         fido_assert_set_rp(raw, expected.rp_id.c_str()) == FIDO_OK &&
         fido_assert_set_count(raw, 1) == FIDO_OK &&
         fido_assert_set_authdata_raw(raw, 0, assertion.authenticator_data.data(),
                                      assertion.authenticator_data.size()) == FIDO_OK &&
         fido_assert_set_sig(raw, 0, assertion.signature.data(), assertion.signature.size()) ==
             FIDO_OK &&
         fido_assert_set_up(raw, FIDO_OPT_TRUE) == FIDO_OK &&
         fido_assert_set_uv(
             raw, expected.requires_user_verification ? FIDO_OPT_TRUE : FIDO_OPT_OMIT) == FIDO_OK &&
         verifies(raw, key.key);
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
  if (assertion.signature.empty() || assertion.signature.size() > kMaxSignature ||
      !is_signed(key, expected, assertion)) {
    return std::unexpected(WebauthnFault::kBadSignature);
  }
  const bool counts = data->sign_count != 0 || key.sign_count != 0;
  return VerifiedAssertion{data->is_user_verified, data->is_backed_up, data->sign_count,
                           counts && data->sign_count <= key.sign_count};
}

}  // namespace sekisho::authn
