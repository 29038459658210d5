// The terminals that may ask for logins.

#ifndef SEKISHO_STORE_TERMINALS_H_
#define SEKISHO_STORE_TERMINALS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "store/database.h"

namespace sekisho::store {

struct Terminal {
  TerminalId id;
  std::string name;
  // Grows at each join; a certificate of an older generation is refused.
  std::int64_t generation = 0;
  std::optional<Instant> token_expires_at;  // set while a join token waits to be used
  Instant created_at;
  std::optional<Instant> joined_at;
  std::optional<Instant> certificate_expires_at;
  std::optional<Instant> revoked_at;
};

class Terminals {
 public:
  explicit Terminals(Database& database) : database_(database) {}

  // A new terminal waiting to join; kAlreadyExists when the name is taken.
  Result<TerminalId> add(std::string_view name, const Digest& token_hash, Instant token_expires_at,
                         Instant now);
  // A new join token for a terminal that is there (a reinstalled one); lifts a revocation.
  Result<void> invite_again(TerminalId id, const Digest& token_hash, Instant token_expires_at);
  // Spends a join token, in one statement: joined, next generation, token gone.  nullopt: no such
  // token, spent, or expired.
  Result<std::optional<Terminal>> join(const Digest& token_hash, Instant now);
  Result<void> note_certificate(TerminalId id, Instant expires_at);

  Result<std::optional<Terminal>> find(std::string_view name);
  Result<std::optional<Terminal>> find(TerminalId id);
  Result<std::vector<Terminal>> list();
  // False: it was revoked before.
  Result<bool> revoke(TerminalId id, Instant now);

 private:
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_TERMINALS_H_
