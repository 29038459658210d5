// What went wrong with a security key, and what to do next: a sentence for each reason.

#ifndef SEKISHO_CLI_KEY_TEXTS_H_
#define SEKISHO_CLI_KEY_TEXTS_H_

#include <optional>
#include <span>

#include "authn/factors/security_key.h"
#include "authn/factors/webauthn_fault.h"
#include "authn/key_binding.h"
#include "base/error.h"
#include "base/sentences.h"

namespace sekisho::cli {

// All of them, for error_text.
std::span<const Sentence> key_sentences();

Error error_of(authn::KeyFault fault);
Error error_of(authn::WebauthnFault fault);
Error error_of(authn::BindingObjection objection);
// kPinUnusable, of a PIN that is shorter than the key wants it.
Error error_of_short_pin(int least);
// kPinWrong, when the key says how many tries are left.
Error error_of_wrong_pin(int tries_left);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_KEY_TEXTS_H_
