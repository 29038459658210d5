// What a person has proven: kinds of factors, not a count (NIST SP 800-63B-4 section 2).
//
// A password proves knowledge.  A TOTP token, a recovery code and a security key prove possession.
// A security key that verified its holder proves one kind more: knowledge of its PIN, or inherence.
// Without that it is possession only, and opens nothing alone.

#ifndef SEKISHO_AUTHN_ASSURANCE_H_
#define SEKISHO_AUTHN_ASSURANCE_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sekisho::authn {

enum class Factor {
  kPassword,
  kTotp,
  kRecovery,  // a look-up secret, for once
  kSecurityKey,
  kEnrolmentCode,  // lets a key be bound; opens nothing
};

// Also how attempts are counted and sessions remember their factors.
constexpr std::string_view name_of(Factor factor) {
  switch (factor) {
    case Factor::kPassword:
      return "password";
    case Factor::kTotp:
      return "totp";
    case Factor::kRecovery:
      return "recovery";
    case Factor::kSecurityKey:
      return "security_key";
    case Factor::kEnrolmentCode:
      return "enrolment_code";
  }
  return "password";
}

// A security key that verified its holder, as sessions remember it.
inline constexpr std::string_view kVerifiedKeyFactor = "security_key+uv";

struct Proof {
  bool knowledge = false;
  bool possession = false;
  bool security_key = false;   // the possession withstands phishing
  bool user_verified = false;  // by the key: knowledge or inherence, it does not say which
};

// Each level holds what the one before it does.  The values are stored (sessions.assurance).
enum class Assurance {
  kPassword = 1,      // knowledge alone: opens nothing but the second step
  kSecondFactor = 2,  // two different kinds
  kSecurityKey = 3,   // two different kinds, a security key among them
  kVerifiedKey = 4,   // a security key that verified its holder
};

// When each level above the password was last proven; nullopt: never.  A security key proves the
// levels below its own as well, a code does not prove those above.
struct ProvenAt {
  std::optional<Instant> second_factor;
  std::optional<Instant> security_key;
  std::optional<Instant> verified_key;

  // When what reaches `level` was last shown; a password is as old as the session and never asked.
  constexpr std::optional<Instant> at(Assurance level) const {
    if (level == Assurance::kVerifiedKey) return verified_key;
    return level == Assurance::kSecurityKey ? security_key : second_factor;
  }
  constexpr void note(Assurance reached, Instant now) {
    if (reached >= Assurance::kSecondFactor) second_factor = now;
    if (reached >= Assurance::kSecurityKey) security_key = now;
    if (reached >= Assurance::kVerifiedKey) verified_key = now;
  }
};

// nullopt: nothing that counts.
constexpr std::optional<Assurance> assurance_of(const Proof& proof) {
  if (proof.security_key && proof.user_verified) return Assurance::kVerifiedKey;
  if (!proof.knowledge) return std::nullopt;
  if (proof.security_key) return Assurance::kSecurityKey;
  return proof.possession ? Assurance::kSecondFactor : Assurance::kPassword;
}

// "password totp": the names of factors, separated by spaces.
Proof proof_of(std::string_view factors);
bool has_factor(std::string_view factors, std::string_view factor);
std::string with_factor(std::string_view factors, std::string_view factor);
std::string without_factor(std::string_view factors, std::string_view factor);

// As rules name it.
constexpr std::string_view name_of(Assurance assurance) {
  switch (assurance) {
    case Assurance::kPassword:
      return "password";
    case Assurance::kSecondFactor:
      return "any-second-factor";
    case Assurance::kSecurityKey:
      return "fido2";
    case Assurance::kVerifiedKey:
      return "fido2+uv";
  }
  return "password";
}

constexpr std::optional<Assurance> assurance_named(std::string_view name) {
  for (const Assurance assurance : {Assurance::kPassword, Assurance::kSecondFactor,
                                    Assurance::kSecurityKey, Assurance::kVerifiedKey}) {
    if (name == name_of(assurance)) return assurance;
  }
  return std::nullopt;
}

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_ASSURANCE_H_
