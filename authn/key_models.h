// Which models of security keys a person's groups allow, at binding and at every login: people move
// between groups, and a model may be recalled.

#ifndef SEKISHO_AUTHN_KEY_MODELS_H_
#define SEKISHO_AUTHN_KEY_MODELS_H_

#include <string>
#include <string_view>
#include <vector>

#include "authn/factors/webauthn_registration.h"
#include "authn/policy.h"
#include "store/store.h"

namespace sekisho::authn {

// As security_keys.attestation keeps it.
std::string_view name_of(AttestationTrust trust);

struct KeyModel {
  ByteView aaguid;
  std::string_view attestation;
};

// An AAGUID is somebody's word until a maker's certificate that we trust vouches for it.
bool is_model_allowed(const SecurityKeyPolicy& policy, const store::User& user,
                      const KeyModel& model);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_KEY_MODELS_H_
