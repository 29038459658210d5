#include "store/spent_logins.h"

namespace sekisho::store {

Result<bool> SpentLogins::spend(const Digest& ticket_hash, Instant expires_at) {
  const auto added = database_.run(
      "INSERT INTO spent_logins (ticket_hash, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
      ByteView(ticket_hash), expires_at);
  if (!added) return fail(added.error());
  return *added == 1;
}

Result<std::int64_t> SpentLogins::purge(Instant before) {
  return database_.run("DELETE FROM spent_logins WHERE expires_at < ?", before);
}

}  // namespace sekisho::store
