// The store: one SQLite file with everything Sekisho remembers.  Start here.
//
// Store opens the file and hands out the tables, each with the promises of its own header.  A
// Store belongs to one thread at a time; several Stores (of threads or processes) may have the
// same file open.  Changes that belong together go in one Transaction (store/database.h), and an
// audit row goes in the same transaction as what it tells.

#ifndef SEKISHO_STORE_STORE_H_
#define SEKISHO_STORE_STORE_H_

#include <chrono>
#include <memory>
#include <string>

#include "base/keyring.h"
#include "base/random.h"
#include "base/result.h"
#include "store/attempts.h"
#include "store/audit_log.h"
#include "store/changes.h"
#include "store/database.h"
#include "store/enrolment_codes.h"
#include "store/identity_keys.h"
#include "store/recovery_codes.h"
#include "store/seats.h"
#include "store/security_keys.h"
#include "store/sessions.h"
#include "store/spent_logins.h"
#include "store/terminals.h"
#include "store/totp_credentials.h"
#include "store/users.h"

namespace sekisho::store {

struct OpenOptions {
  // How long to wait for another process's write lock before kBusy.
  std::chrono::milliseconds busy_timeout{5000};
  // Look through the whole file (PRAGMA quick_check); about 1 ms a megabyte.
  bool verify_integrity = true;
};

class Store {
 public:
  // Makes a new store at `path`; kAlreadyExists when something is there.  The keyring must
  // outlive the Store.
  static Result<Store> create(const std::string& path, const Keyring& keyring, Random& random,
                              Instant now);

  // Opens a store for reading and writing, migrating it when it is older.
  //   kNotFound: no file.  kCorrupt: not a Sekisho store, failed its integrity check, or sealed
  //   with another key.  kUnsupported: written by a newer program.
  static Result<Store> open(const std::string& path, const Keyring& keyring, Random& random,
                            const OpenOptions& options = {});

  // Opens without the right to change anything and without a key: for views and verifiers.
  // Sealed columns cannot be read.
  static Result<Store> open_read_only(const std::string& path);

  // Whether open() would succeed, a migration included; changes nothing.
  static Result<void> check_file(const std::string& path, const Keyring& keyring);

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  Users& users();
  TotpCredentials& totp_credentials();
  RecoveryCodes& recovery_codes();
  SecurityKeys& security_keys();
  EnrolmentCodes& enrolment_codes();
  IdentityKeys& identity_keys();
  Sessions& sessions();
  Terminals& terminals();
  Seats& seats();
  SpentLogins& spent_logins();
  Attempts& attempts();
  AuditLog& audit_log();
  Changes& changes();

  Database& database();
  Result<Transaction> begin() { return Transaction::begin(database()); }

  // Random, made with the store; the first link of its audit chain.
  const Bytes& store_id() const;

  // Writes what is committed now into a new file at `path`, durably and for its owner alone, and
  // opens that to see that it is whole; others may go on working.  kAlreadyExists when something
  // is there.  After an error nothing is left behind.
  Result<void> copy_to(const std::string& path);

  // PRAGMA integrity_check and foreign_key_check: kCorrupt with the first finding.
  Result<void> check_integrity();

 private:
  static Result<Store> fill_new(const std::string& path, const Keyring& keyring, Random& random,
                                Instant now);
  Result<void> fill_copy(const std::string& path);
  struct Parts;
  explicit Store(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_STORE_H_
