#include "authn/key_models.h"

#include <algorithm>

#include "base/encoding.h"

namespace sekisho::authn {

std::string_view name_of(AttestationTrust trust) {
  switch (trust) {
    case AttestationTrust::kNone:
      return "none";
    case AttestationTrust::kSelf:
      return "self";
    case AttestationTrust::kUnanchored:
      return "unanchored";
    case AttestationTrust::kAnchored:
      return "anchored";
  }
  return "none";
}

bool is_model_allowed(const SecurityKeyPolicy& policy, const store::User& user,
                      const KeyModel& model) {
  const std::string aaguid = hex_of(model.aaguid);
  return std::ranges::all_of(policy.models, [&](const SecurityKeyPolicy::ModelRule& rule) {
    if (!is_in_any(user.groups, rule.groups)) return true;
    return model.attestation == name_of(AttestationTrust::kAnchored) &&
           std::ranges::find(rule.aaguids, aaguid) != rule.aaguids.end();
  });
}

}  // namespace sekisho::authn
