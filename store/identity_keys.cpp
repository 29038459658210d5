#include "store/identity_keys.h"

#include "base/encoding.h"
#include "base/sealing.h"

namespace sekisho::store {
namespace {

std::string associated_data(ByteView store_id, std::string_view kid) {
  return "identity_keys/" + hex_of(store_id) + "/" + std::string(kid);
}

IdentityKey read_key(const Row& row) {
  return {{row.integer(0)}, row.text(1), row.instant(2), row.instant(3), row.optional_instant(4)};
}

}  // namespace

Result<IdentityKeyId> IdentityKeys::add(const IdentityKey& key, const Secret& private_key,
                                        const Keyring& keyring, Random& random) {
  const auto sealed = seal(keyring, random, private_key, associated_data(store_id_, key.kid));
  if (!sealed) return fail(sealed.error());
  const auto added = database_.run(
      "INSERT INTO identity_keys (kid, key_id, sealed_key, created_at, signs_from, retires_at) "
      "VALUES (?, ?, ?, ?, ?, ?)",
      key.kid, sealed->key_id, sealed->bytes, key.created_at, key.signs_from, key.retires_at);
  if (!added) return fail(added.error());
  return IdentityKeyId{database_.last_insert_id()};
}

Result<std::vector<IdentityKey>> IdentityKeys::list() {
  return database_.all(
      "SELECT id, kid, created_at, signs_from, retires_at FROM identity_keys "
      "ORDER BY signs_from, id",
      read_key);
}

Result<Secret> IdentityKeys::private_key(IdentityKeyId id, const Keyring& keyring) {
  struct SealedRow {
    Sealed sealed;
    std::string kid;
  };
  const auto row = database_.first(
      "SELECT key_id, sealed_key, kid FROM identity_keys WHERE id = ?",
      [](const Row& found) {
        return SealedRow{{found.text(0), found.blob(1)}, found.text(2)};
      },
      id);
  if (!row) return fail(row.error());
  if (!*row) return fail(ErrorCode::kNotFound, "no such identity key");
  return unseal(keyring, (*row)->sealed, associated_data(store_id_, (*row)->kid));
}

Result<void> IdentityKeys::retire_all_but(IdentityKeyId successor, Instant at) {
  const auto done = database_.run(
      "UPDATE identity_keys SET retires_at = ?1 "
      "WHERE id <> ?2 AND (retires_at IS NULL OR retires_at > ?1)",
      at, successor);
  if (!done) return fail(done.error());
  return {};
}

Result<std::vector<IdentityKey>> IdentityKeys::forget_retired(Instant now) {
  return database_.all(
      "DELETE FROM identity_keys WHERE retires_at <= ? "
      "RETURNING id, kid, created_at, signs_from, retires_at",
      read_key, now);
}

}  // namespace sekisho::store
