#include "store/totp_credentials.h"

#include "base/digest.h"
#include "base/encoding.h"
#include "base/sealing.h"

namespace sekisho::store {
namespace {

// What a seed is bound to: every column that changes what it means.
std::string associated_data(ByteView store_id, ByteView handle, UserId user,
                            std::string_view algorithm, int digits, int period) {
  return "totp_credentials/" + hex_of(store_id) + "/" + hex_of(handle) + "/" +
         std::to_string(user.value) + "/" + std::string(algorithm) + "/" + std::to_string(digits) +
         "/" + std::to_string(period);
}

TotpCredential read_credential(const Row& row) {
  TotpCredential credential;
  credential.id = {row.integer(0)};
  credential.user = {row.integer(1)};
  credential.label = row.text(2);
  credential.algorithm = row.text(3);
  credential.digits = static_cast<int>(row.integer(4));
  credential.period = static_cast<int>(row.integer(5));
  credential.last_step = row.integer(6);
  credential.drift.steps = static_cast<int>(row.integer(7));
  credential.created_at = row.instant(8);
  credential.confirmed_at = row.optional_instant(9);
  credential.last_used_at = row.optional_instant(10);
  credential.drift.behind = static_cast<int>(row.integer(11));
  return credential;
}

#define SEKISHO_TOTP_COLUMNS                                                      \
  "id, user_id, label, algorithm, digits, period, last_step, drift, created_at, " \
  "confirmed_at, last_used_at, behind"

}  // namespace

Result<Secret> TotpCredentials::secret_hash_key() {
  if (keyring_ == nullptr) return fail(ErrorCode::kDenied, "the store was opened without its key");
  return keyring_->derive(first_key_id_, "sekisho totp secret_hash v1");
}

Result<TotpCredentialId> TotpCredentials::add(const NewTotpCredential& credential,
                                              const Secret& secret, Instant now) {
  const Result<Secret> hash_key = secret_hash_key();
  if (!hash_key) return fail(hash_key.error());
  const Bytes handle = random_->bytes(16);
  const Result<Sealed> sealed =
      seal(*keyring_, *random_, secret,
           associated_data(store_id_, handle, credential.user, credential.algorithm,
                           credential.digits, credential.period));
  if (!sealed) return fail(sealed.error());
  const Digest secret_hash = hmac_sha256(hash_key->reveal(), secret.reveal());
  const auto added = database_.run(
      "INSERT INTO totp_credentials (handle, user_id, label, algorithm, digits, period, key_id, "
      "sealed_secret, secret_hash, created_at, confirmed_at, last_step) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, coalesce((SELECT last_step "
      "FROM retired_seeds WHERE secret_hash = ?9 AND period = ?6), -1))",
      handle, credential.user, credential.label, credential.algorithm, credential.digits,
      credential.period, sealed->key_id, sealed->bytes, ByteView(secret_hash), now,
      credential.is_confirmed ? std::optional(now) : std::nullopt);
  if (!added && added.error().code == ErrorCode::kAlreadyExists) {
    return fail(ErrorCode::kAlreadyExists, "this seed already belongs to a credential");
  }
  if (!added) return fail(added.error());
  return TotpCredentialId{database_.last_insert_id()};
}

Result<std::vector<TotpCredential>> TotpCredentials::list(UserId user) {
  return database_.all("SELECT " SEKISHO_TOTP_COLUMNS
                       " FROM totp_credentials WHERE user_id = ? ORDER BY id",
                       read_credential, user);
}

Result<std::optional<TotpCredential>> TotpCredentials::find(TotpCredentialId id) {
  return database_.first("SELECT " SEKISHO_TOTP_COLUMNS " FROM totp_credentials WHERE id = ?",
                         read_credential, id);
}

Result<Secret> TotpCredentials::secret(TotpCredentialId id) {
  if (keyring_ == nullptr) return fail(ErrorCode::kDenied, "the store was opened without its key");
  struct SealedRow {
    Sealed sealed;
    std::string bound_to;
  };
  const auto row = database_.first(
      "SELECT key_id, sealed_secret, handle, user_id, algorithm, digits, period "
      "FROM totp_credentials WHERE id = ?",
      [this](const Row& found) {
        return SealedRow{{found.text(0), found.blob(1)},
                         associated_data(store_id_, found.blob(2), {found.integer(3)},
                                         found.text(4), static_cast<int>(found.integer(5)),
                                         static_cast<int>(found.integer(6)))};
      },
      id);
  if (!row) return fail(row.error());
  if (!*row) return fail(ErrorCode::kNotFound, "no such TOTP credential");
  return unseal(*keyring_, (*row)->sealed, (*row)->bound_to);
}

Result<bool> TotpCredentials::consume_step(TotpCredentialId id, std::int64_t step, Drift drift,
                                           Instant now) {
  const auto changed = database_.run(
      "UPDATE totp_credentials SET last_step = ?, drift = ?, behind = ?, last_used_at = ? "
      "WHERE id = ? AND last_step < ?",
      step, drift.steps, drift.behind, now, id, step);
  if (!changed) return fail(changed.error());
  return *changed == 1;
}

Result<void> TotpCredentials::confirm(TotpCredentialId id, Instant now) {
  const auto done = database_.run(
      "UPDATE totp_credentials SET confirmed_at = ? WHERE id = ? AND confirmed_at IS NULL", now,
      id);
  if (!done) return fail(done.error());
  return {};
}

Result<bool> TotpCredentials::remove(TotpCredentialId id) {
  const auto removed = database_.run("DELETE FROM totp_credentials WHERE id = ?", id);
  if (!removed) return fail(removed.error());
  return *removed == 1;
}

}  // namespace sekisho::store
