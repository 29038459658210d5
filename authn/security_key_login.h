// Judges what a security key answered at a login: whose key it is, whether it signed our challenge
// for this door, and what its counter says (WebAuthn Level 3 section 7.2).

#ifndef SEKISHO_AUTHN_SECURITY_KEY_LOGIN_H_
#define SEKISHO_AUTHN_SECURITY_KEY_LOGIN_H_

#include <optional>
#include <string>
#include <vector>

#include "authn/factors/webauthn_fault.h"
#include "authn/policy.h"
#include "authn/verdict.h"
#include "base/digest.h"
#include "base/json_text.h"
#include "base/result.h"
#include "store/store.h"

namespace sekisho::authn {

// An answer and what it answers to.
struct PresentedKey {
  // As they came; nothing of it is believed before it is verified.
  Bytes credential_id;
  Bytes client_data;
  Bytes authenticator_data;
  Bytes signature;
  Bytes user_handle;  // may be empty

  Bytes challenge;                   // as it was issued
  std::vector<std::string> origins;  // of the door
  // The ceremony's ticket, which the login spends first of all; nullopt: it is spent already.
  struct Ticket {
    Digest hash{};
    Instant expires_at;
  };
  std::optional<Ticket> ticket{};
};

// What the door asks of it.
struct KeyDoor {
  // The key must verify its holder, and have done so when it was bound.
  bool requires_user_verification = false;
  // The key alone names the person and proves two kinds: it must be one that verified its holder
  // when it was bound, and must say the person's handle (section 7.2 step 6).
  bool is_passwordless = false;
  // A counter that did not grow refuses the key, instead of only being told of.
  bool refuses_suspected = false;
  std::string from;  // for the key's row: "10.1.2.3", "terminal:zeimu-03"
};

struct JudgedKey {
  Verdict verdict;
  bool is_user_verified = false;  // with kGranted: and that counts
  // For the audit row; nothing of an unknown key.
  std::optional<store::SecurityKeyId> id{};
  std::string label;
  std::optional<WebauthnFault> fault{};
  bool is_suspected = false;  // granted or not: its counter did not grow

  void describe(JsonObject& detail) const;
};

// Verifies, and moves the counter on.  Call inside the deciding transaction, the ticket spent.
// `user` is who the login is about; nullopt: nobody, and the verdict is kKeyUnknown.
Result<JudgedKey> judge_security_key(store::Store& store, const SecurityKeyPolicy& policy,
                                     const std::optional<store::User>& user,
                                     const PresentedKey& presented, const KeyDoor& door,
                                     Instant now);

// The credentials to ask for at a terminal, before anybody proved anything.  A stranger, and
// whoever has no key, gets made-up ones of the same looks, always the same for a name
// (section 14.6.2).
Result<std::vector<Bytes>> allow_list_for(store::Store& store, ByteView unknown_user_key,
                                          std::string_view claimed_user);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_SECURITY_KEY_LOGIN_H_
