#include "authn/assurance.h"

#include "base/text.h"

namespace sekisho::authn {

Proof proof_of(std::string_view factors) {
  Proof proof;
  for (const std::string_view factor : split(factors, ' ')) {
    if (factor == name_of(Factor::kPassword)) proof.knowledge = true;
    const bool is_verified_key = factor == kVerifiedKeyFactor;
    const bool is_key = is_verified_key || factor == name_of(Factor::kSecurityKey);
    if (is_key || factor == name_of(Factor::kTotp) || factor == name_of(Factor::kRecovery)) {
      proof.possession = true;
    }
    proof.security_key |= is_key;
    proof.user_verified |= is_verified_key;
  }
  return proof;
}

bool has_factor(std::string_view factors, std::string_view factor) {
  for (const std::string_view one : split(factors, ' ')) {
    if (one == factor) return true;
  }
  return false;
}

std::string with_factor(std::string_view factors, std::string_view factor) {
  if (factors.empty()) return std::string(factor);
  if (has_factor(factors, factor)) return std::string(factors);
  return std::string(factors) + " " + std::string(factor);
}

std::string without_factor(std::string_view factors, std::string_view factor) {
  std::string left;
  for (const std::string_view one : split(factors, ' ')) {
    if (one != factor) left = with_factor(left, one);
  }
  return left;
}

}  // namespace sekisho::authn
