// Binding security keys to a person, renaming them and taking them away: by the person at the
// portal, or by an administrator at the desk.  Each is one transaction of the caller's with its
// audit row, and every door sees it before its next answer.

#ifndef SEKISHO_AUTHN_KEY_BINDING_H_
#define SEKISHO_AUTHN_KEY_BINDING_H_

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "authn/factors/webauthn_registration.h"
#include "authn/policy.h"
#include "base/random.h"
#include "base/result.h"
#include "store/store.h"

namespace sekisho::authn {

// Who does it, for the audit log.
struct Actor {
  std::string name;    // "user:hanako", "admin:root (tanaka)"
  std::string source;  // "10.1.2.3", "console"
};

// UTF-8 without control characters, 1 to 64 bytes.
bool is_key_label(std::string_view label);

struct KeyToBind {
  std::string label;
  std::string transports;  // "usb,nfc": a hint, kept only when it looks like one
  VerifiedRegistration registration;
};

// Why a sound registration is not taken.
enum class BindingObjection {
  kTaken,         // the credential is registered (section 7.1 step 26)
  kTooMany,       // SecurityKeyPolicy::keys_most
  kModelRefused,  // one of the person's groups demands a model, and it is none of them
};
std::string_view name_of(BindingObjection objection);

using BoundKey = std::expected<store::SecurityKeyId, BindingObjection>;

// Step 27.  Clears the person's failures with keys: a newly bound authenticator starts clean.
// An objection is written down, too.
Result<BoundKey> bind_key(store::Store& store, const SecurityKeyPolicy& policy,
                          const store::User& user, const KeyToBind& key, const Actor& actor,
                          Instant now);

// The person's WebAuthn user handle (section 5.4.3), made when there is none.
Result<Bytes> user_handle(store::Store& store, Random& random, store::UserId user);

// False: no such key, or not this person's.
Result<bool> rename_key(store::Store& store, const store::User& user, store::SecurityKeyId id,
                        std::string_view label, const Actor& actor, Instant now);

// What removing a key does to the person's sessions: whoever may have the key now may have a
// session that it opened.
struct RemovedKey {
  bool is_removed = false;  // false: no such key, or not this person's
  std::int64_t sessions_ended = 0;
};
// `kept`, the session that asks, goes on.
Result<RemovedKey> remove_key(store::Store& store, const store::User& user, store::SecurityKeyId id,
                              std::optional<store::SessionId> kept, const Actor& actor,
                              Instant now);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_KEY_BINDING_H_
