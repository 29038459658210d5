#include "store/terminals.h"

namespace sekisho::store {
namespace {

Terminal read_terminal(const Row& row) {
  Terminal terminal;
  terminal.id = {row.integer(0)};
  terminal.name = row.text(1);
  terminal.generation = row.integer(2);
  terminal.token_expires_at = row.optional_instant(3);
  terminal.created_at = row.instant(4);
  terminal.joined_at = row.optional_instant(5);
  terminal.certificate_expires_at = row.optional_instant(6);
  terminal.revoked_at = row.optional_instant(7);
  return terminal;
}

#define SEKISHO_TERMINAL_COLUMNS                                                            \
  "id, name, generation, token_expires_at, created_at, joined_at, certificate_expires_at, " \
  "revoked_at"

}  // namespace

Result<TerminalId> Terminals::add(std::string_view name, const Digest& token_hash,
                                  Instant token_expires_at, Instant now) {
  const auto added = database_.run(
      "INSERT INTO terminals (name, token_hash, token_expires_at, created_at) VALUES (?, ?, ?, ?)",
      name, ByteView(token_hash), token_expires_at, now);
  if (!added) return fail(added.error());
  return TerminalId{database_.last_insert_id()};
}

Result<void> Terminals::invite_again(TerminalId id, const Digest& token_hash,
                                     Instant token_expires_at) {
  const auto done = database_.run(
      "UPDATE terminals SET token_hash = ?, token_expires_at = ?, revoked_at = NULL, "
      "generation = generation + 1, joined_at = NULL WHERE id = ?",
      ByteView(token_hash), token_expires_at, id);
  if (!done) return fail(done.error());
  if (*done != 1) return fail(ErrorCode::kNotFound, "no such terminal");
  return {};
}

Result<std::optional<Terminal>> Terminals::join(const Digest& token_hash, Instant now) {
  return database_.first(
      "UPDATE terminals SET token_hash = NULL, token_expires_at = NULL, joined_at = ?, "
      "generation = generation + 1 "
      "WHERE token_hash = ? AND token_expires_at > ? AND revoked_at IS NULL "
      "RETURNING " SEKISHO_TERMINAL_COLUMNS,
      read_terminal, now, ByteView(token_hash), now);
}

Result<void> Terminals::note_certificate(TerminalId id, Instant expires_at) {
  const auto done =
      database_.run("UPDATE terminals SET certificate_expires_at = ? WHERE id = ?", expires_at, id);
  if (!done) return fail(done.error());
  return {};
}

Result<std::optional<Terminal>> Terminals::find(std::string_view name) {
  return database_.first("SELECT " SEKISHO_TERMINAL_COLUMNS " FROM terminals WHERE name = ?",
                         read_terminal, name);
}

Result<std::optional<Terminal>> Terminals::find(TerminalId id) {
  return database_.first("SELECT " SEKISHO_TERMINAL_COLUMNS " FROM terminals WHERE id = ?",
                         read_terminal, id);
}

Result<std::vector<Terminal>> Terminals::list() {
  return database_.all("SELECT " SEKISHO_TERMINAL_COLUMNS " FROM terminals ORDER BY name",
                       read_terminal);
}

Result<bool> Terminals::revoke(TerminalId id, Instant now) {
  const auto revoked = database_.run(
      "UPDATE terminals SET revoked_at = ?, token_hash = NULL, token_expires_at = NULL "
      "WHERE id = ? AND revoked_at IS NULL",
      now, id);
  if (!revoked) return fail(revoked.error());
  return *revoked == 1;
}

}  // namespace sekisho::store
