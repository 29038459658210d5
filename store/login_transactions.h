// Logins that a terminal has begun: bound to it, good once, for a minute.

#ifndef SEKISHO_STORE_LOGIN_TRANSACTIONS_H_
#define SEKISHO_STORE_LOGIN_TRANSACTIONS_H_

#include <optional>
#include <string>

#include "base/digest.h"
#include "store/database.h"

namespace sekisho::store {

struct LoginTransaction {
  TerminalId terminal;
  std::string claimed_user;  // may name nobody: unknown users walk the same path
  std::string service;       // PAM service: "login", "sudo"
  std::string tty;
  std::string remote_host;
  Instant expires_at;
};

class LoginTransactions {
 public:
  explicit LoginTransactions(Database& database) : database_(database) {}

  // Only the hash of the transaction's name is kept.
  Result<void> add(const Digest& id_hash, const LoginTransaction& transaction);
  // Takes the transaction if it is this terminal's and has not expired.  nullopt otherwise, and
  // then it is gone all the same when it was this terminal's.
  Result<std::optional<LoginTransaction>> take(const Digest& id_hash, TerminalId terminal,
                                               Instant now);
  // Waiting ones of a terminal, to bound them.
  Result<std::int64_t> count(TerminalId terminal, Instant now);
  Result<std::int64_t> purge(Instant now);

 private:
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_LOGIN_TRANSACTIONS_H_
