#include "authn/factors/key_creation.h"

#include <fido.h>

#include <memory>
#include <optional>

#include "authn/factors/key_answer.h"

namespace sekisho::authn {
namespace {

struct FreeCredential {
  void operator()(fido_cred_t* credential) const { fido_cred_free(&credential); }
};
using CredentialPtr = std::unique_ptr<fido_cred_t, FreeCredential>;

int protection_wanted(const CreationRequest& request) {
  return request.protects_by_verification ? FIDO_CRED_PROT_UV_REQUIRED
                                          : FIDO_CRED_PROT_UV_OPTIONAL_WITH_ID;
}

bool set_names(fido_cred_t* raw, const CreationRequest& request) {
  return fido_cred_set_rp(raw, request.rp_id.c_str(), request.rp_name.c_str()) == FIDO_OK &&
         fido_cred_set_user(raw, request.user_handle.data(), request.user_handle.size(),
                            request.user_name.c_str(), request.display_name.c_str(),
                            nullptr) == FIDO_OK;
}

bool set_options(fido_cred_t* raw, const CreationRequest& request, const KeyCall& call) {
  return (!request.is_discoverable || fido_cred_set_rk(raw, FIDO_OPT_TRUE) == FIDO_OK) &&
         (call.verification != Verification::kByKey ||
          fido_cred_set_uv(raw, FIDO_OPT_TRUE) == FIDO_OK);
}

CredentialPtr new_request(const OpenKey& key, const CreationRequest& request,
                          const std::vector<Bytes>& excluded, const KeyCall& call) {
  CredentialPtr credential(fido_cred_new());
  fido_cred_t* const raw = credential.get();
  if (raw == nullptr || fido_cred_set_type(raw, COSE_ES256) != FIDO_OK ||
      fido_cred_set_clientdata_hash(raw, request.client_data_hash.data(),
                                    request.client_data_hash.size()) != FIDO_OK ||
      !set_names(raw, request) || !set_options(raw, request, call)) {
    return nullptr;
  }
  if (key.protects_credentials() &&
      fido_cred_set_prot(raw, protection_wanted(request)) != FIDO_OK) {
    return nullptr;
  }
  for (const Bytes& id : excluded) {
    if (fido_cred_exclude(raw, id.data(), id.size()) != FIDO_OK) return nullptr;
  }
  return credential;
}

}  // namespace

FromKey<KeyCredential> credential_by(OpenKey& key, const CreationRequest& request,
                                     const std::vector<Bytes>& excluded, const KeyCall& call) {
  const CredentialPtr credential = new_request(key, request, excluded, call);
  fido_cred_t* const raw = credential.get();
  if (raw == nullptr) return std::unexpected(KeyFault::kBroken);
  if (const auto fault = call_key(key, call, [&](fido_dev* device, const char* pin) {
        return fido_dev_make_cred(device, raw, pin);
      })) {
    return std::unexpected(*fault);
  }
  if (request.verify_user && (fido_cred_flags(raw) & CTAP_AUTHDATA_USER_VERIFIED) == 0) {
    return std::unexpected(KeyFault::kBroken);
  }
  const ByteView data(fido_cred_authdata_raw_ptr(raw), fido_cred_authdata_raw_len(raw));
  if (key.protects_credentials() && protection_level(data) < protection_wanted(request)) {
    return std::unexpected(KeyFault::kUnsupported);
  }
  std::optional<Bytes> object = attestation_object_of(
      fido_cred_fmt(raw), {fido_cred_attstmt_ptr(raw), fido_cred_attstmt_len(raw)}, data);
  if (!object) return std::unexpected(KeyFault::kBroken);
  return KeyCredential{std::move(*object)};
}

}  // namespace sekisho::authn
