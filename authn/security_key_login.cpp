#include "authn/security_key_login.h"

#include <algorithm>

#include "authn/factors/webauthn_assertion.h"
#include "authn/key_models.h"

namespace sekisho::authn {
namespace {

JudgedKey refused(Reason reason) {
  JudgedKey judged;
  judged.verdict = denied(reason);
  return judged;
}

// Section 7.2 step 6: the handle, where one is told, is the person's.
Result<bool> is_handle_right(store::Store& store, store::UserId user, const PresentedKey& presented,
                             const KeyDoor& door) {
  if (presented.user_handle.empty()) return !door.is_passwordless;
  const auto handle = store.users().handle(user);
  if (!handle) return fail(handle.error());
  return *handle && **handle == presented.user_handle;
}

Reason reason_of(WebauthnFault fault) {
  return fault == WebauthnFault::kNotVerified ? Reason::kKeyNotVerified : Reason::kKeyRefused;
}

// Step 22 and 24, after every check of ours.
Result<JudgedKey> take_use(store::Store& store, const store::SecurityKey& key,
                           const VerifiedAssertion& verified, const KeyDoor& door, Instant now) {
  JudgedKey judged;
  judged.id = key.id;
  judged.label = key.label;
  judged.is_suspected = verified.is_clone_suspected;
  if (verified.is_clone_suspected && door.refuses_suspected) {
    if (auto done = store.security_keys().note_suspicion(key.id, now); !done) {
      return fail(done.error());
    }
    judged.verdict = denied(Reason::kKeySuspected);
    return judged;
  }
  // A key that had no PIN when it was bound may have been given one by whoever found it.
  judged.is_user_verified = verified.is_user_verified && key.is_verifying;
  const Result<bool> is_taken = store.security_keys().note_use(
      key.id, {verified.sign_count, verified.is_backed_up, door.from, verified.is_clone_suspected},
      now);
  if (!is_taken) return fail(is_taken.error());
  judged.verdict = *is_taken ? granted() : denied(Reason::kKeySuspected);
  return judged;
}

}  // namespace

void JudgedKey::describe(JsonObject& detail) const {
  if (id) detail.add("key", id->value).add("label", label);
  if (fault) detail.add("fault", name_of(*fault));
  if (verdict.is_granted()) detail.add_flag("user_verified", is_user_verified);
  if (is_suspected) detail.add_flag("clone_suspected", true);
}

Result<JudgedKey> judge_security_key(store::Store& store, const SecurityKeyPolicy& policy,
                                     const std::optional<store::User>& user,
                                     const PresentedKey& presented, const KeyDoor& door,
                                     Instant now) {
  // Steps 5 and 6: the credential is one of this person's.
  const auto key = store.security_keys().find_for_login(presented.credential_id);
  // Somebody has written to the store: that is for the log to say, and opens nothing.
  if (!key && key.error().code == ErrorCode::kCorrupt) return refused(Reason::kKeyRowChanged);
  if (!key) return fail(key.error());
  if (!user || !*key || (*key)->user != user->id) return refused(Reason::kKeyUnknown);
  const Result<bool> is_theirs = is_handle_right(store, user->id, presented, door);
  if (!is_theirs) return fail(is_theirs.error());
  if (!*is_theirs) return refused(Reason::kKeyUnknown);

  const RegisteredKey registered{
      {(*key)->algorithm, (*key)->public_key}, (*key)->is_backup_eligible, (*key)->sign_count};
  const ExpectedAssertion expected{policy.rp_id, presented.origins, presented.challenge,
                                   door.requires_user_verification};
  const auto verified =
      verify_assertion(registered, expected,
                       {presented.client_data, presented.authenticator_data, presented.signature});
  JudgedKey judged;
  if (!verified) {
    judged = refused(reason_of(verified.error()));
    judged.fault = verified.error();
  } else if (door.requires_user_verification && !(*key)->is_verifying) {
    judged = refused(Reason::kKeyNotVerified);
  } else if (!is_model_allowed(policy, *user, {(*key)->aaguid, (*key)->attestation})) {
    judged = refused(Reason::kKeyModelRefused);
  } else if ((*key)->is_backup_eligible && !policy.allows_syncable) {
    judged = refused(Reason::kKeyRefused);
    judged.fault = WebauthnFault::kSyncable;
  } else {
    return take_use(store, **key, *verified, door, now);
  }
  judged.id = (*key)->id;
  judged.label = (*key)->label;
  return judged;
}

Result<std::vector<Bytes>> allow_list_for(store::Store& store, ByteView unknown_user_key,
                                          std::string_view claimed_user) {
  std::vector<Bytes> credentials;
  const auto user = store.users().find(claimed_user);
  if (!user) return fail(user.error());
  if (*user) {
    auto keys = store.security_keys().list((*user)->id);
    if (!keys) return fail(keys.error());
    for (store::SecurityKey& key : *keys) credentials.push_back(std::move(key.credential_id));
  }
  if (!credentials.empty()) return credentials;
  // Two keys are the ordinary case, one is not rare; ids have 48 or 64 bytes.
  const auto block = [&](std::string_view purpose) {
    return hmac_sha256(unknown_user_key,
                       as_bytes(std::string(purpose) + "/" + std::string(claimed_user)));
  };
  const Digest shape = block("keys");
  const std::size_t count = shape[0] < 160 ? 2 : 1;
  const std::size_t size = shape[1] < 160 ? 64 : 48;
  for (std::size_t i = 0; i < count; ++i) {
    Bytes id;
    for (std::size_t half = 0; half < 2; ++half) {
      const Digest part = block("key " + std::to_string(2 * i + half));
      id.insert(id.end(), part.begin(), part.end());
    }
    id.resize(size);
    credentials.push_back(std::move(id));
  }
  return credentials;
}

}  // namespace sekisho::authn
