// The terminal logins that were finished.  A login's ticket (authn/login_ticket.h) is not kept
// while it waits; that it was spent is, until long after it would have expired.

#ifndef SEKISHO_STORE_SPENT_LOGINS_H_
#define SEKISHO_STORE_SPENT_LOGINS_H_

#include "base/digest.h"
#include "store/database.h"

namespace sekisho::store {

class SpentLogins {
 public:
  explicit SpentLogins(Database& database) : database_(database) {}

  // Marks the ticket with this hash spent, in one statement.  False: it was spent before.
  Result<bool> spend(const Digest& ticket_hash, Instant expires_at);
  // Forgets what expired before `before`.
  Result<std::int64_t> purge(Instant before);

 private:
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_SPENT_LOGINS_H_
