#include "store/store.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/sealing.h"
#include "store/schema.h"

namespace sekisho::store {
namespace {

constexpr std::string_view kKeyCheck = "sekisho key check v1";

std::string key_check_place(ByteView store_id) {
  return "store_identity/" + hex_of(store_id);
}

struct Identity {
  Bytes store_id;
  Sealed key_check;
};

Result<Identity> read_identity(Database& database) {
  auto identity =
      database.first("SELECT store_id, key_id, key_check FROM store_identity", [](const Row& row) {
        return Identity{row.blob(0), {row.text(1), row.blob(2)}};
      });
  if (!identity) return fail(identity.error());
  if (!*identity) return fail(ErrorCode::kCorrupt, "the store has no identity row");
  return **std::move(identity);
}

Result<void> quick_check(Database& database, const std::string& path) {
  const auto finding =
      database.first("PRAGMA quick_check(1)", [](const Row& row) { return row.text(0); });
  if (!finding) return fail(finding.error());
  if (finding->value_or("") != "ok") {
    return fail(ErrorCode::kCorrupt, "the store " + path + " fails its integrity check (" +
                                         finding->value_or("") + "): restore a backup");
  }
  return {};
}

Result<void> check_key(const Keyring& keyring, const Identity& identity, const std::string& path) {
  const Result<Secret> check =
      unseal(keyring, identity.key_check, key_check_place(identity.store_id));
  if (check) return {};
  const std::string& id = identity.key_check.key_id;
  if (check.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound, "the key file is not the one of the store " + path +
                                          ": it needs the key with the id " + id);
  }
  return fail(ErrorCode::kCorrupt, "the key file is not the one of the store " + path +
                                       ": its key " + id + " is another key of that name");
}

// Once set, the file remembers it; a backup made by VACUUM INTO forgets.
Result<void> use_write_ahead_log(Database& database) {
  return database.script("PRAGMA journal_mode = WAL;");
}

Error with_path(const Error& error, const std::string& path) {
  return {error.code, path + ": " + error.message};
}

}  // namespace

struct Store::Parts {
  Parts(Database opened, Bytes id, std::string first_key, const Keyring* keyring, Random* random)
      : database(std::move(opened)),
        store_id(std::move(id)),
        first_key_id(std::move(first_key)),
        users(database),
        totp_credentials(database, keyring, random, store_id, first_key_id),
        recovery_codes(database),
        security_keys(database, keyring, store_id),
        enrolment_codes(database),
        identity_keys(database, store_id),
        sessions(database),
        terminals(database),
        seats(database),
        spent_logins(database),
        attempts(database),
        audit_log(database, store_id),
        changes(database) {}

  Database database;
  Bytes store_id;
  std::string first_key_id;
  Users users;
  TotpCredentials totp_credentials;
  RecoveryCodes recovery_codes;
  SecurityKeys security_keys;
  EnrolmentCodes enrolment_codes;
  IdentityKeys identity_keys;
  Sessions sessions;
  Terminals terminals;
  Seats seats;
  SpentLogins spent_logins;
  Attempts attempts;
  AuditLog audit_log;
  Changes changes;
};

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::create(const std::string& path, const Keyring& keyring, Random& random,
                            Instant now) {
  // The file is for its owner alone; SQLite gives its -wal and -shm files the same mode.
  if (auto made = create_file_durably(path, "", 0600); !made) {
    return made.error().code == ErrorCode::kAlreadyExists
               ? fail(ErrorCode::kAlreadyExists, path + " exists already")
               : fail(made.error());
  }
  Result<Store> store = fill_new(path, keyring, random, now);
  if (!store) {
    for (const char* ending : {"", "-wal", "-shm"}) ::unlink((path + ending).c_str());
  }
  return store;
}

Result<Store> Store::fill_new(const std::string& path, const Keyring& keyring, Random& random,
                              Instant now) {
  Result<Database> database =
      Database::open(path, Database::Access::kReadWrite, std::chrono::milliseconds(5000));
  if (!database) return fail(database.error());
  if (auto done = use_write_ahead_log(*database); !done) return fail(done.error());
  Result<Transaction> transaction = Transaction::begin(*database);
  if (!transaction) return fail(transaction.error());
  if (auto done = create_schema(*database); !done) return fail(done.error());
  const Bytes store_id = random.bytes(16);
  const Result<Sealed> check = seal(keyring, random, Secret(kKeyCheck), key_check_place(store_id));
  if (!check) return fail(check.error());
  const auto added = database->run(
      "INSERT INTO store_identity (id, store_id, created_at, key_id, key_check) "
      "VALUES (1, ?, ?, ?, ?)",
      store_id, now, check->key_id, check->bytes);
  if (!added) return fail(added.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return Store(
      std::make_unique<Parts>(std::move(*database), store_id, check->key_id, &keyring, &random));
}

Result<Store> Store::open(const std::string& path, const Keyring& keyring, Random& random,
                          const OpenOptions& options) {
  Result<Database> database =
      Database::open(path, Database::Access::kReadWrite, options.busy_timeout);
  if (!database) return fail(database.error());
  if (options.verify_integrity) {
    if (auto sound = quick_check(*database, path); !sound) return fail(sound.error());
  }
  if (auto done = migrate(*database); !done) return fail(with_path(done.error(), path));
  if (auto done = use_write_ahead_log(*database); !done) return fail(done.error());
  Result<Identity> identity = read_identity(*database);
  if (!identity) return fail(with_path(identity.error(), path));
  if (auto fits = check_key(keyring, *identity, path); !fits) return fail(fits.error());
  return Store(std::make_unique<Parts>(std::move(*database), std::move(identity->store_id),
                                       std::move(identity->key_check.key_id), &keyring, &random));
}

Result<void> Store::check_file(const std::string& path, const Keyring& keyring) {
  Result<Database> database =
      Database::open(path, Database::Access::kReadOnly, std::chrono::milliseconds(5000));
  if (!database) return fail(database.error());
  if (auto sound = quick_check(*database, path); !sound) return sound;
  if (auto known = require_known_schema(*database); !known) {
    return fail(with_path(known.error(), path));
  }
  const Result<Identity> identity = read_identity(*database);
  if (!identity) return fail(with_path(identity.error(), path));
  return check_key(keyring, *identity, path);
}

Result<Store> Store::open_read_only(const std::string& path) {
  Result<Database> database =
      Database::open(path, Database::Access::kReadOnly, std::chrono::milliseconds(5000));
  if (!database) return fail(database.error());
  if (auto known = require_newest_schema(*database); !known) {
    return fail(with_path(known.error(), path));
  }
  Result<Identity> identity = read_identity(*database);
  if (!identity) return fail(with_path(identity.error(), path));
  return Store(std::make_unique<Parts>(std::move(*database), std::move(identity->store_id),
                                       std::move(identity->key_check.key_id), nullptr, nullptr));
}

Users& Store::users() {
  return parts_->users;
}
TotpCredentials& Store::totp_credentials() {
  return parts_->totp_credentials;
}
RecoveryCodes& Store::recovery_codes() {
  return parts_->recovery_codes;
}
SecurityKeys& Store::security_keys() {
  return parts_->security_keys;
}
EnrolmentCodes& Store::enrolment_codes() {
  return parts_->enrolment_codes;
}
IdentityKeys& Store::identity_keys() {
  return parts_->identity_keys;
}
Sessions& Store::sessions() {
  return parts_->sessions;
}
Terminals& Store::terminals() {
  return parts_->terminals;
}
Seats& Store::seats() {
  return parts_->seats;
}
SpentLogins& Store::spent_logins() {
  return parts_->spent_logins;
}
Attempts& Store::attempts() {
  return parts_->attempts;
}
AuditLog& Store::audit_log() {
  return parts_->audit_log;
}
Changes& Store::changes() {
  return parts_->changes;
}
Database& Store::database() {
  return parts_->database;
}
const Bytes& Store::store_id() const {
  return parts_->store_id;
}

Result<void> Store::copy_to(const std::string& path) {
  // SQLite fills an empty file, and would let others read one that it makes itself.
  if (auto made = create_file_durably(path, "", 0600); !made) {
    return made.error().code == ErrorCode::kAlreadyExists
               ? fail(ErrorCode::kAlreadyExists, path + " exists already")
               : made;
  }
  Result<void> copied = fill_copy(path);
  if (!copied) ::unlink(path.c_str());
  return copied;
}

Result<void> Store::fill_copy(const std::string& path) {
  if (auto done = database().run("VACUUM INTO ?", path); !done) return fail(done.error());
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() || ::fsync(file.get()) != 0) {
    return fail(error_from_errno("cannot sync " + path));
  }
  Result<Store> copy = open_read_only(path);
  if (!copy) return fail(copy.error());
  if (copy->store_id() != store_id()) {
    return fail(ErrorCode::kCorrupt, path + " is not the store that was copied");
  }
  return copy->check_integrity();
}

Result<void> Store::check_integrity() {
  const auto finding =
      database().first("PRAGMA integrity_check(1)", [](const Row& row) { return row.text(0); });
  if (!finding) return fail(finding.error());
  if (finding->value_or("") != "ok") return fail(ErrorCode::kCorrupt, finding->value_or(""));
  const auto orphan = database().first("SELECT \"table\" FROM pragma_foreign_key_check",
                                       [](const Row& row) { return row.text(0); });
  if (!orphan) return fail(orphan.error());
  if (*orphan) return fail(ErrorCode::kCorrupt, "a row of " + **orphan + " belongs to nothing");
  return {};
}

}  // namespace sekisho::store
