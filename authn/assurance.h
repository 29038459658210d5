// What a person has proven: kinds of factors, not a count (NIST SP 800-63B-4 section 2).

#ifndef SEKISHO_AUTHN_ASSURANCE_H_
#define SEKISHO_AUTHN_ASSURANCE_H_

#include <optional>
#include <string_view>

namespace sekisho::authn {

enum class Factor {
  kPassword,  // knowledge
  kTotp,      // possession
  kRecovery,  // possession of a look-up secret, for once
};

constexpr std::string_view name_of(Factor factor) {
  switch (factor) {
    case Factor::kPassword:
      return "password";
    case Factor::kTotp:
      return "totp";
    case Factor::kRecovery:
      return "recovery";
  }
  return "password";
}

// The values are stored (sessions.assurance).
enum class Assurance {
  kPassword = 1,      // knowledge alone: opens nothing but the second step
  kSecondFactor = 2,  // two different kinds
};

constexpr std::string_view name_of(Assurance assurance) {
  return assurance == Assurance::kPassword ? "password" : "any-second-factor";
}

constexpr std::optional<Assurance> assurance_named(std::string_view name) {
  if (name == "password") return Assurance::kPassword;
  if (name == "any-second-factor") return Assurance::kSecondFactor;
  return std::nullopt;
}

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_ASSURANCE_H_
