#include "store/seats.h"

namespace sekisho::store {

Result<void> Seats::take(UserId user, const Place& place, Instant now) {
  const auto moved = database_.run(
      "DELETE FROM seats WHERE (address = ?1 AND terminal_id <> ?2) "
      "OR (terminal_id = ?2 AND address <> ?1)",
      place.address, place.terminal);
  if (!moved) return fail(moved.error());
  const auto taken = database_.run(
      "INSERT INTO seats (user_id, terminal_id, address, generation, taken_at) "
      "VALUES (?, ?, ?, ?, ?) ON CONFLICT (user_id, terminal_id) DO UPDATE SET "
      "generation = excluded.generation, taken_at = excluded.taken_at",
      user, place.terminal, place.address, place.generation, now);
  return taken ? Result<void>() : fail(taken.error());
}

Result<std::vector<Seat>> Seats::of(UserId user) {
  return database_.all(
      "SELECT terminal_id, name, address, taken_at FROM seats "
      "JOIN terminals ON terminals.id = terminal_id "
      "WHERE user_id = ? AND revoked_at IS NULL AND joined_at IS NOT NULL "
      "AND seats.generation = terminals.generation "
      "ORDER BY taken_at DESC, terminal_id",
      [](const Row& row) {
        return Seat{{row.integer(0)}, row.text(1), row.text(2), row.instant(3)};
      },
      user);
}

Result<void> Seats::leave(UserId user, TerminalId terminal) {
  const auto left =
      database_.run("DELETE FROM seats WHERE user_id = ? AND terminal_id = ?", user, terminal);
  return left ? Result<void>() : fail(left.error());
}

Result<std::int64_t> Seats::purge(Instant before, Instant after) {
  return database_.run("DELETE FROM seats WHERE taken_at < ? OR taken_at > ?", before, after);
}

}  // namespace sekisho::store
