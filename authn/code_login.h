// Judges a typed code at a login: which of the person's tokens shows it, or whether it is the
// enrolment code that was handed out.  What is found is consumed in the same transaction.

#ifndef SEKISHO_AUTHN_CODE_LOGIN_H_
#define SEKISHO_AUTHN_CODE_LOGIN_H_

#include <optional>
#include <string_view>

#include "authn/policy.h"
#include "authn/verdict.h"
#include "base/keyring.h"
#include "base/result.h"
#include "store/store.h"

namespace sekisho::authn {

// `code` holds any bytes.  A user who is nobody has no token.
Result<Verdict> judge_totp(store::Store& store, const TotpPolicy& policy,
                           const std::optional<store::User>& user, std::string_view code,
                           Instant now);

Result<Verdict> judge_enrolment_code(store::Store& store, const Keyring& keyring,
                                     const std::optional<store::User>& user, std::string_view code,
                                     Instant now);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_CODE_LOGIN_H_
