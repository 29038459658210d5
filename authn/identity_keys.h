// When which key signs identity tokens: the timetable of their rotation.
//
//   made, published        signs              the next one signs      forgotten
//   |------- 1 h ----------|------------------|------ 10 min --------|
//
// The first key, and one that takes over at once, signs as soon as it is made.  Every gateway reads
// the same rows and the same clock, so all of them agree without speaking to each other.

#ifndef SEKISHO_AUTHN_IDENTITY_KEYS_H_
#define SEKISHO_AUTHN_IDENTITY_KEYS_H_

#include <span>

#include "authn/key_binding.h"
#include "base/keyring.h"
#include "store/store.h"

namespace sekisho::authn {

// Longer than anybody may keep the key set (gateway/identity_handlers.cpp: 5 min).
inline constexpr std::chrono::hours kIdentityKeyLead{1};
// Longer than a token lives (IdentityPolicy: at most 5 min) and an application's clock is behind.
inline constexpr std::chrono::minutes kIdentityKeyTail{10};

// Which of `keys`, the one that signs from earliest on first, signs at `now`; nullptr: none may.
// Before all of them (the clock was set back) the earliest does.
const store::IdentityKey* signing_key(std::span<const store::IdentityKey> keys, Instant now);
bool is_published(const store::IdentityKey& key, Instant now);

// What making keys needs.  Each function below runs in a transaction of the caller's and writes its
// audit rows.
struct IdentityKeeper {
  store::Store& store;
  const Keyring& keyring;
  Random& random;
  Actor actor;
  Instant now;
};

// Makes the first key, or the one that follows a key of `rotate_days`, and forgets those whose time
// is over.  For now and then; asked too often, or by several gateways, it does nothing more.
Result<void> keep_identity_keys(const IdentityKeeper& keeper, int rotate_days);

enum class Succession {
  kInTurn,  // published first, while the old key goes on
  kAtOnce,  // every other key ends now, and with it the tokens it signed: after a leak
};

// The new key.  kConflict: in turn, and one waits for its turn already.
Result<store::IdentityKey> rotate_identity_keys(const IdentityKeeper& keeper,
                                                Succession succession);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_IDENTITY_KEYS_H_
