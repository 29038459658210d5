// What a person typed when asked for a code: which factor's code is it, if any?
//
// Told by shape alone: 6 or 8 digits are a one-time code, 16 base32 characters a recovery code.
// Anything else is no code and is never sent, so that a password which sshd's "password" method
// gives for every hidden prompt (requirements X-04) does not travel as one.

#ifndef SEKISHO_AGENT_TYPED_CODE_H_
#define SEKISHO_AGENT_TYPED_CODE_H_

#include <optional>

#include "base/secret.h"
#include "protocol/terminal_api.h"

namespace sekisho::agent {

struct TypedCode {
  terminal_api::Factor factor = terminal_api::Factor::kTotp;  // or kRecovery
  Secret code;  // digits, or upper-case base32, without separators
};

// Spaces and hyphens are separators; full-width digits, as a Japanese input method leaves them,
// are digits.  `typed` may hold any bytes.
std::optional<TypedCode> read_typed_code(const Secret& typed);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_TYPED_CODE_H_
