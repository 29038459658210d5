// Binding authenticators to a user: TOTP credentials and recovery codes, and the code with which
// the person binds a security key.  Keys themselves: key_binding.h.
//
// The same rules as authn/administration.h: one transaction, one audit row, seen everywhere at
// once.  An administrator never chooses a seed (ASVS 6.4.6) but for a hardware token's.

#ifndef SEKISHO_AUTHN_ENROLLMENT_H_
#define SEKISHO_AUTHN_ENROLLMENT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/administration.h"
#include "authn/factors/totp.h"
#include "base/secret.h"

namespace sekisho::authn {

class Enrollment {
 public:
  explicit Enrollment(const Office& office) : office_(office) {}

  struct NewTotp {
    std::string label;  // "スマートトークン 12": UTF-8, at most 64 bytes
    TotpParameters parameters;
    // The seed of a hardware token, 16 to 128 bytes; else one is made.
    std::optional<Secret> seed;
    // Counts at once, without a code to prove it: a hardware token whose seed came on a list.
    bool is_confirmed = false;
  };
  struct AddedTotp {
    store::TotpCredentialId id;
    Secret seed;  // to show once
  };
  // kInvalid: seed shorter than 128 bits (RFC 4226 R6), digits not 6 or 8, period not 1..120.
  // kAlreadyExists: the seed is somebody's.
  Result<AddedTotp> add_totp(std::string_view user, NewTotp totp);

  // Proves with a code that the person holds the token; from then on it can log in.  The code is
  // consumed.  kInvalid: the code is wrong.  kConflict: confirmed already.
  Result<void> confirm_totp(store::TotpCredentialId id, std::string_view code);

  // Finds a token whose clock went astray by two codes in a row (RFC 6238 section 6) and
  // consumes both.  The drift found, in steps.  kInvalid: not two codes in a row.
  Result<int> resync_totp(store::TotpCredentialId id, std::string_view first,
                          std::string_view second);

  // Ends the person's sessions with it; their number.
  Result<std::int64_t> remove_totp(store::TotpCredentialId id);

  // A new set, which ends the old one.  Shown once.
  static constexpr int kRecoveryCodes = 8;
  Result<std::vector<Secret>> issue_recovery_codes(std::string_view user);

  // Replaces the code the person had, and clears the failures with it.  Shown once.  kInvalid: the
  // user is disabled.
  struct EnrolmentCode {
    Secret code;  // enrolment_code.h
    Instant expires_at;
  };
  Result<EnrolmentCode> issue_enrolment_code(std::string_view user);

 private:
  Result<store::TotpCredential> credential(store::TotpCredentialId id);
  Result<void> write_down(std::string_view event, store::UserId user, std::string detail);
  Office office_;
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_ENROLLMENT_H_
