// The first two parts of a login: what is counted and fetched, and what is slow.

#include "authn/factors/password.h"
#include "authn/factors/recovery_code.h"
#include "authn/keys.h"
#include "authn/login.h"

namespace sekisho::authn {

Result<std::optional<store::User>> Login::claimed_user(store::Store& store, const Claim& claim,
                                                       const Presented& presented) const {
  if (!is_passwordless(claim, presented)) return store.users().find(claim.claimed_user);
  // Where a key alone opens nothing it is nobody's, and strangers count against nobody.
  if (!policy_.security_keys.allows_passwordless) return std::optional<store::User>();
  const auto owner = store.security_keys().owner(presented.key->credential_id);
  if (!owner) return fail(owner.error());
  return *owner ? store.users().find(**owner) : std::optional<store::User>();
}

Result<Prepared> Login::prepare(store::Store& store, const Claim& claim, const Presented& presented,
                                Instant now) const {
  Prepared prepared;
  auto user = claimed_user(store, claim, presented);
  if (!user) return fail(user.error());
  prepared.user = std::move(*user);

  if (presented.password) {
    Attempt attempt = attempt_of(claim, prepared.user, Factor::kPassword);
    auto refused = throttle_.admit(store, attempt, now);
    if (!refused) return fail(refused.error());
    prepared.refused = *refused;
    if (prepared.refused) return prepared;
    prepared.password_attempt = std::move(attempt);
    prepared.password_hash = decoy_hash_;
    prepared.password_key_id = keyring_.current_id();
    if (prepared.user) {
      const auto password = store.users().password(prepared.user->id);
      if (!password) return fail(password.error());
      if (*password) {
        prepared.password_hash = (*password)->hash;
        prepared.password_key_id = (*password)->key_id;
        prepared.has_password = true;
      }
    }
  }
  const Assurance required = held_to(claim, prepared.user).require;
  if (presented.second_factor == Factor::kRecovery && required < Assurance::kSecurityKey) {
    if (auto done = prepare_recovery(store, claim, prepared, now); !done) {
      return fail(done.error());
    }
  }
  return prepared;
}

Result<void> Login::prepare_recovery(store::Store& store, const Claim& claim, Prepared& prepared,
                                     Instant now) const {
  Attempt attempt = attempt_of(claim, prepared.user, Factor::kRecovery);
  auto refused = throttle_.admit(store, attempt, now);
  if (!refused) return fail(refused.error());
  prepared.recovery_refused = *refused;
  if (prepared.recovery_refused) return {};
  prepared.recovery_attempt = std::move(attempt);
  // For a user without codes: as much work.
  prepared.recovery_set = {random_.bytes(16), keyring_.current_id()};
  if (!prepared.user) return {};
  auto set = store.recovery_codes().set(prepared.user->id);
  if (!set) return fail(set.error());
  if (*set) prepared.recovery_set = **std::move(set);
  return {};
}

Result<void> Login::compute(Prepared& prepared, const Presented& presented) const {
  if (prepared.refused) return {};
  if (presented.password) {
    const Result<Secret> key = password_key(keyring_, prepared.password_key_id);
    if (!key) return fail(key.error());
    const Result<bool> matches =
        verify_password(*presented.password, key->reveal(), prepared.password_hash);
    if (!matches) return fail(matches.error());
    prepared.password_matches = *matches && prepared.has_password;
  }
  // Not after a wrong password: the time must not tell a known user's code from a stranger's.
  if (prepared.recovery_attempt && (!presented.password || prepared.password_matches)) {
    const Result<Secret> key = recovery_key(keyring_, prepared.recovery_set.key_id);
    if (!key) return fail(key.error());
    Result<Bytes> hash =
        hash_recovery_code(presented.code.reveal_text(), prepared.recovery_set.salt, key->reveal());
    if (!hash) return fail(hash.error());
    prepared.recovery_hash = std::move(*hash);
  }
  return {};
}

Result<void> Login::withdraw(store::Store& store, const Prepared& prepared) const {
  for (const auto* attempt : {&prepared.password_attempt, &prepared.recovery_attempt}) {
    if (!*attempt) continue;
    if (auto done = throttle_.withdraw(store, **attempt); !done) return done;
  }
  return {};
}

}  // namespace sekisho::authn
