// Terminals: joining with a one-time token, and the transaction around each login.

#ifndef SEKISHO_AUTHN_TERMINAL_ACCESS_H_
#define SEKISHO_AUTHN_TERMINAL_ACCESS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/assurance.h"
#include "authn/policy.h"
#include "base/digest.h"
#include "base/random.h"
#include "base/secret.h"
#include "store/store.h"

namespace sekisho::authn {

// 128 random bits as 26 base32 characters.
Secret new_join_token(Random& random);
// The hash of a token as it may be typed: case, spaces and hyphens do not matter.
Digest join_token_hash(std::string_view typed);

// Spends the token; nullopt when there is none such, it is spent or expired.  The caller issues
// the certificate in the same transaction.
Result<std::optional<store::Terminal>> join_terminal(store::Store& store, std::string_view token,
                                                     std::string_view source, Instant now);

struct TerminalLogin {
  std::string claimed_user;
  std::string service;
  std::string tty;
  std::string remote_host;
};

struct BegunLogin {
  std::string transaction;      // base64url of 32 random bytes; bound to the terminal
  std::vector<Factor> factors;  // the same for every name, known or not
};

// kBusy when the terminal has too many waiting.
Result<BegunLogin> begin_terminal_login(store::Store& store, Random& random,
                                        const TerminalPolicy& policy, store::TerminalId terminal,
                                        const TerminalLogin& login, Instant now);

// Takes the transaction: whatever happens next, it cannot be finished again.  nullopt: unknown,
// spent, expired, or begun by another terminal.
Result<std::optional<store::LoginTransaction>> take_terminal_login(store::Store& store,
                                                                   std::string_view transaction,
                                                                   store::TerminalId terminal,
                                                                   Instant now);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_TERMINAL_ACCESS_H_
