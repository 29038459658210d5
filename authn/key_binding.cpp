#include "authn/key_binding.h"

#include <algorithm>

#include "authn/key_models.h"
#include "authn/throttle.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "base/text.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kHandleBytes = 64;
constexpr std::size_t kLongestTransports = 64;

// "usb,nfc" and the like (section 5.8.4): letters, hyphens and commas.
std::string plain_transports(std::string_view text) {
  const bool is_plain = text.size() <= kLongestTransports && std::ranges::all_of(text, [](char c) {
                          return (c >= 'a' && c <= 'z') || c == '-' || c == ',';
                        });
  return is_plain ? std::string(text) : std::string();
}

Result<void> write_down(store::Store& store, std::string_view event, std::string_view outcome,
                        const store::User& user, JsonObject detail, const Actor& actor,
                        Instant now) {
  return store.audit_log().append({std::string(event), std::string(outcome), actor.name,
                                   "user:" + user.name, actor.source, detail.text()},
                                  now);
}

// The key, if it is this person's.
Result<std::optional<store::SecurityKey>> key_of(store::Store& store, const store::User& user,
                                                 store::SecurityKeyId id) {
  auto key = store.security_keys().find(id);
  if (!key) return fail(key.error());
  if (*key && (*key)->user != user.id) key->reset();
  return *std::move(key);
}

std::optional<BindingObjection> objection_to(const SecurityKeyPolicy& policy,
                                             const store::User& user, const KeyToBind& key,
                                             std::size_t keys, bool is_taken) {
  if (is_taken) return BindingObjection::kTaken;
  if (keys >= static_cast<std::size_t>(policy.keys_most)) return BindingObjection::kTooMany;
  const KeyModel model{key.registration.aaguid, name_of(key.registration.trust)};
  if (!is_model_allowed(policy, user, model)) return BindingObjection::kModelRefused;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(BindingObjection objection) {
  switch (objection) {
    case BindingObjection::kTaken:
      return "taken";
    case BindingObjection::kTooMany:
      return "too_many";
    case BindingObjection::kModelRefused:
      return "model_refused";
  }
  return "taken";
}

bool is_key_label(std::string_view label) {
  return !label.empty() && label.size() <= 64 && is_utf8(label) && !has_control_characters(label);
}

Result<BoundKey> bind_key(store::Store& store, const SecurityKeyPolicy& policy,
                          const store::User& user, const KeyToBind& key, const Actor& actor,
                          Instant now) {
  if (!is_key_label(key.label)) {
    return fail(ErrorCode::kInvalid,
                "a key's name must be UTF-8 without control characters, 1 to 64 bytes");
  }
  const VerifiedRegistration& registration = key.registration;
  const auto owner = store.security_keys().owner(registration.credential_id);
  if (!owner) return fail(owner.error());
  const auto keys = store.security_keys().list(user.id);
  if (!keys) return fail(keys.error());
  JsonObject detail;
  detail.add("label", key.label)
      .add("aaguid", hex_of(registration.aaguid))
      .add("format", registration.format)
      .add("attestation", name_of(registration.trust));
  if (const auto objection = objection_to(policy, user, key, keys->size(), owner->has_value())) {
    detail.add("reason", name_of(*objection));
    auto written = write_down(store, "key_add", "denied", user, std::move(detail), actor, now);
    if (!written) return fail(written.error());
    return BoundKey(std::unexpected(*objection));
  }
  store::SecurityKey row;
  row.user = user.id;
  row.label = key.label;
  row.credential_id = registration.credential_id;
  row.algorithm = registration.key.algorithm;
  row.public_key = registration.key.bytes;
  row.aaguid = registration.aaguid;
  row.attestation = name_of(registration.trust);
  row.transports = plain_transports(key.transports);
  row.is_backup_eligible = registration.is_backup_eligible;
  row.is_backed_up = registration.is_backed_up;
  row.is_verifying = registration.is_user_verified;
  row.sign_count = registration.sign_count;
  row.added_at = now;
  row.added_from = actor.source;
  const auto id = store.security_keys().add(row);
  if (!id) return fail(id.error());
  if (auto done = forget_failures(store, user.id, Factor::kSecurityKey); !done) {
    return fail(done.error());
  }
  detail.add("key", id->value)
      .add("algorithm", static_cast<std::int64_t>(row.algorithm))
      .add_flag("user_verified", row.is_verifying)
      .add_flag("backup_eligible", row.is_backup_eligible);
  // So that an auditor sees a key that protects less than was asked for (CTAP 2.1 section 12.1).
  if (registration.cred_protect != 0) detail.add("cred_protect", registration.cred_protect);
  auto written = write_down(store, "key_add", "done", user, std::move(detail), actor, now);
  if (!written) return fail(written.error());
  return BoundKey(*id);
}

Result<Bytes> user_handle(store::Store& store, Random& random, store::UserId user) {
  auto handle = store.users().handle(user);
  if (!handle) return fail(handle.error());
  if (*handle) return **std::move(handle);
  Bytes made = random.bytes(kHandleBytes);
  if (auto done = store.users().set_handle(user, made); !done) return fail(done.error());
  return made;
}

Result<bool> rename_key(store::Store& store, const store::User& user, store::SecurityKeyId id,
                        std::string_view label, const Actor& actor, Instant now) {
  if (!is_key_label(label)) {
    return fail(ErrorCode::kInvalid,
                "a key's name must be UTF-8 without control characters, 1 to 64 bytes");
  }
  const auto key = key_of(store, user, id);
  if (!key) return fail(key.error());
  if (!*key) return false;
  if ((*key)->label == label) return true;
  if (auto done = store.security_keys().rename(id, label); !done) return fail(done.error());
  auto written = write_down(
      store, "key_rename", "done", user,
      JsonObject().add("key", id.value).add("from", (*key)->label).add("to", label), actor, now);
  if (!written) return fail(written.error());
  return true;
}

Result<RemovedKey> remove_key(store::Store& store, const store::User& user, store::SecurityKeyId id,
                              std::optional<store::SessionId> kept, const Actor& actor,
                              Instant now) {
  RemovedKey removed;
  const auto key = key_of(store, user, id);
  if (!key) return fail(key.error());
  if (!*key) return removed;
  if (auto done = store.security_keys().remove(id); !done) return fail(done.error());
  removed.is_removed = true;
  const auto ended = store.sessions().end_all_of(user.id, "key removed", now, kept);
  if (!ended) return fail(ended.error());
  removed.sessions_ended = *ended;
  auto written = write_down(store, "key_remove", "done", user,
                            JsonObject()
                                .add("key", id.value)
                                .add("label", (*key)->label)
                                .add("sessions_ended", removed.sessions_ended),
                            actor, now);
  if (!written) return fail(written.error());
  return removed;
}

}  // namespace sekisho::authn
