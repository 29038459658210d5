// Terminals: joining with a one-time token, and the ticket of each login.

#ifndef SEKISHO_AUTHN_TERMINAL_ACCESS_H_
#define SEKISHO_AUTHN_TERMINAL_ACCESS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/assurance.h"
#include "authn/login_ticket.h"
#include "authn/policy.h"
#include "authn/verdict.h"
#include "base/digest.h"
#include "base/random.h"
#include "base/secret.h"
#include "store/store.h"

namespace sekisho::authn {

// 128 random bits as 26 base32 characters.
Secret new_join_token(Random& random);
// The hash of a token as it may be typed: case, spaces and hyphens do not matter.
Digest join_token_hash(std::string_view typed);

struct JoinAttempt {
  Verdict verdict;
  std::optional<store::Terminal> terminal;  // with kGranted
};

// Spends the token, unless there is none such, it is spent or expired, or too many were tried
// from `source`.  The caller issues the certificate in the same transaction.
Result<JoinAttempt> join_terminal(store::Store& store, const ThrottlePolicy& policy,
                                  std::string_view token, const std::string& source, Instant now);

struct BegunLogin {
  std::string ticket;           // authn/login_ticket.h
  std::vector<Factor> factors;  // the same for every name, known or not
  Bytes challenge;              // for a security key, where kSecurityKey is among the factors
  bool verifies_user = false;   // it must verify its holder
  // It shall, where it can: of privileged people it must, but who is one is not told beforehand.
  bool prefers_verification = false;
};

// A key is asked for only where the person sits: not when the login says it comes from elsewhere.
Result<BegunLogin> begin_terminal_login(const Keyring& keyring, Random& random,
                                        const Policy& policy, store::TerminalId terminal,
                                        TerminalLogin login, Instant now);

// Spends the ticket: whatever happens next, it cannot be finished again.  nullopt: no ticket of
// ours, spent, expired, or begun by another terminal.
Result<std::optional<LoginTicket>> take_terminal_login(store::Store& store, const Keyring& keyring,
                                                       std::string_view ticket,
                                                       store::TerminalId terminal, Instant now);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_TERMINAL_ACCESS_H_
