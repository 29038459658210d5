#include "store/security_keys.h"

#include "base/digest.h"
#include "base/encoding.h"

namespace sekisho::store {
namespace {

SecurityKey read_key(const Row& row) {
  SecurityKey key;
  key.id = {row.integer(0)};
  key.user = {row.integer(1)};
  key.label = row.text(2);
  key.credential_id = row.blob(3);
  key.algorithm = static_cast<int>(row.integer(4));
  key.public_key = row.blob(5);
  key.aaguid = row.blob(6);
  key.attestation = row.text(7);
  key.transports = row.text(8);
  key.is_backup_eligible = row.integer(9) != 0;
  key.is_backed_up = row.integer(10) != 0;
  key.is_verifying = row.integer(11) != 0;
  key.sign_count = static_cast<std::uint32_t>(row.integer(12));
  key.added_at = row.instant(13);
  key.added_from = row.text(14);
  key.last_used_at = row.optional_instant(15);
  key.last_used_from = row.text(16);
  key.suspected_at = row.optional_instant(17);
  return key;
}

#define SEKISHO_SECURITY_KEY_COLUMNS                                                            \
  "id, user_id, label, credential_id, algorithm, public_key, aaguid, attestation, transports, " \
  "is_backup_eligible, is_backed_up, is_verifying, sign_count, added_at, added_from, "          \
  "last_used_at, last_used_from, suspected_at"

}  // namespace

Result<Bytes> SecurityKeys::tag(std::string_view key_id, const SecurityKey& key) {
  if (keyring_ == nullptr) return fail(ErrorCode::kDenied, "the store was opened without its key");
  const Result<Secret> tag_key = keyring_->derive(key_id, "sekisho security key row v1");
  if (!tag_key) return fail(tag_key.error());
  const std::string row = "security_keys/" + hex_of(store_id_) + "/" +
                          std::to_string(key.user.value) + "/" + hex_of(key.credential_id) + "/" +
                          std::to_string(key.algorithm) + "/" + hex_of(key.public_key) + "/" +
                          hex_of(key.aaguid) + "/" + key.attestation + "/" + key.transports + "/" +
                          (key.is_backup_eligible ? "1" : "0");
  const Digest mac = hmac_sha256(tag_key->reveal(), as_bytes(row));
  return Bytes(mac.begin(), mac.end());
}

Result<SecurityKeyId> SecurityKeys::add(const SecurityKey& key) {
  const std::string key_id = keyring_ == nullptr ? std::string() : keyring_->current_id();
  const Result<Bytes> row_tag = tag(key_id, key);
  if (!row_tag) return fail(row_tag.error());
  const auto added = database_.run(
      "INSERT INTO security_keys (user_id, label, credential_id, algorithm, public_key, aaguid, "
      "attestation, transports, is_backup_eligible, key_id, row_tag, is_backed_up, is_verifying, "
      "sign_count, added_at, added_from) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      key.user, key.label, key.credential_id, key.algorithm, key.public_key, key.aaguid,
      key.attestation, key.transports, key.is_backup_eligible ? 1 : 0, key_id, *row_tag,
      key.is_backed_up ? 1 : 0, key.is_verifying ? 1 : 0, key.sign_count, key.added_at,
      key.added_from);
  if (!added && added.error().code == ErrorCode::kAlreadyExists) {
    return fail(ErrorCode::kAlreadyExists, "this security key is registered already");
  }
  if (!added) return fail(added.error());
  return SecurityKeyId{database_.last_insert_id()};
}

Result<std::vector<SecurityKey>> SecurityKeys::list(UserId user) {
  return database_.all("SELECT " SEKISHO_SECURITY_KEY_COLUMNS
                       " FROM security_keys WHERE user_id = ? ORDER BY id",
                       read_key, user);
}

Result<std::optional<SecurityKey>> SecurityKeys::find(SecurityKeyId id) {
  return database_.first("SELECT " SEKISHO_SECURITY_KEY_COLUMNS " FROM security_keys WHERE id = ?",
                         read_key, id);
}

Result<std::optional<UserId>> SecurityKeys::owner(ByteView credential_id) {
  return database_.first(
      "SELECT user_id FROM security_keys WHERE credential_id = ?",
      [](const Row& row) { return UserId{row.integer(0)}; }, credential_id);
}

Result<std::optional<SecurityKey>> SecurityKeys::find_for_login(ByteView credential_id) {
  struct Tagged {
    SecurityKey key;
    std::string key_id;
    Bytes row_tag;
  };
  auto found = database_.first(
      "SELECT " SEKISHO_SECURITY_KEY_COLUMNS
      ", key_id, row_tag FROM security_keys WHERE credential_id = ?",
      [](const Row& row) {
        return Tagged{read_key(row), row.text(18), row.blob(19)};
      },
      credential_id);
  if (!found) return fail(found.error());
  if (!*found) return std::optional<SecurityKey>();
  const Result<Bytes> expected = tag((*found)->key_id, (*found)->key);
  if (!expected) return fail(expected.error());
  if (!equals_in_constant_time(*expected, (*found)->row_tag)) {
    return fail(ErrorCode::kCorrupt, "the row of the security key " +
                                         std::to_string((*found)->key.id.value) +
                                         " is not as it was registered");
  }
  return std::optional(std::move((*found)->key));
}

Result<bool> SecurityKeys::note_use(SecurityKeyId id, const KeyUse& use, Instant now) {
  // Keys that do not count say 0 for ever.
  const auto changed = database_.run(
      "UPDATE security_keys SET sign_count = max(sign_count, ?1), is_backed_up = ?2, "
      "last_used_at = ?3, last_used_from = ?4, "
      "suspected_at = CASE WHEN ?5 THEN ?3 ELSE suspected_at END "
      "WHERE id = ?6 AND (?5 OR sign_count < ?1 OR (sign_count = 0 AND ?1 = 0))",
      use.sign_count, use.is_backed_up ? 1 : 0, now, use.from, use.is_suspected ? 1 : 0, id);
  if (!changed) return fail(changed.error());
  return *changed == 1;
}

Result<void> SecurityKeys::note_suspicion(SecurityKeyId id, Instant now) {
  const auto done =
      database_.run("UPDATE security_keys SET suspected_at = ? WHERE id = ?", now, id);
  return done ? Result<void>() : fail(done.error());
}

Result<std::vector<SecurityKey>> SecurityKeys::suspected() {
  return database_.all("SELECT " SEKISHO_SECURITY_KEY_COLUMNS
                       " FROM security_keys WHERE suspected_at IS NOT NULL ORDER BY id",
                       read_key);
}

Result<bool> SecurityKeys::rename(SecurityKeyId id, std::string_view label) {
  const auto renamed = database_.run("UPDATE security_keys SET label = ? WHERE id = ?", label, id);
  if (!renamed) return fail(renamed.error());
  return *renamed == 1;
}

Result<bool> SecurityKeys::remove(SecurityKeyId id) {
  const auto removed = database_.run("DELETE FROM security_keys WHERE id = ?", id);
  if (!removed) return fail(removed.error());
  return *removed == 1;
}

}  // namespace sekisho::store
