#include "authn/presented.h"

namespace sekisho::authn {

bool is_passwordless(const Claim& claim, const Presented& presented) {
  return presented.second_factor == Factor::kSecurityKey && presented.key &&
         claim.claimed_user.empty() && claim.proven_factors.empty() && !presented.password &&
         !claim.terminal;
}

std::optional<Reason> objection_to(const Claim& claim, const Presented& presented,
                                   const SecurityKeyPolicy& policy) {
  const bool announces_key = presented.second_factor == Factor::kSecurityKey;
  const bool is_key = announces_key && presented.key;
  if (announces_key && !is_key) return Reason::kNotEnough;
  if (claim.require >= Assurance::kSecurityKey && !is_key) return Reason::kNotEnough;
  // It opens no terminal, and must not be spent on one.
  if (claim.terminal && presented.second_factor == Factor::kEnrolmentCode) {
    return Reason::kNotEnough;
  }
  if (is_passwordless(claim, presented) && !policy.allows_passwordless) return Reason::kNotEnough;
  if (claim.terminal && presented.password && presented.code.reveal_text() == kNoCode) {
    return Reason::kNoCode;
  }
  return std::nullopt;
}

KeyDoor door_of(const Claim& claim, const Presented& presented, const SecurityKeyPolicy& policy,
                bool refuses_suspected) {
  const bool names_person = is_passwordless(claim, presented);
  return {
      policy.requires_user_verification || names_person || claim.require == Assurance::kVerifiedKey,
      names_person, refuses_suspected, claim.source};
}

}  // namespace sekisho::authn
