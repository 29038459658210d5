#include "store/users.h"

namespace sekisho::store {
namespace {

User read_user(const Row& row) {
  User user;
  user.id = {row.integer(0)};
  user.name = row.text(1);
  user.display_name = row.text(2);
  user.is_enabled = row.integer(3) != 0;
  user.created_at = row.instant(4);
  user.last_login_at = row.optional_instant(5);
  user.last_login_from = row.text(6);
  user.failures_since = row.integer(7);
  return user;
}

#define SEKISHO_USER_COLUMNS \
  "id, name, display_name, is_enabled, created_at, last_login_at, last_login_from, failures_since"

}  // namespace

Result<UserId> Users::add(std::string_view name, std::string_view display_name, Instant now) {
  const auto added =
      database_.run("INSERT INTO users (name, display_name, created_at) VALUES (?, ?, ?)", name,
                    display_name, now);
  if (!added) return fail(added.error());
  return UserId{database_.last_insert_id()};
}

Result<bool> Users::remove(UserId id) {
  const auto removed = database_.run("DELETE FROM users WHERE id = ?", id);
  if (!removed) return fail(removed.error());
  return *removed == 1;
}

Result<std::vector<std::string>> Users::groups_of(UserId id) {
  return database_.all(
      "SELECT group_name FROM user_groups WHERE user_id = ? ORDER BY group_name",
      [](const Row& row) { return row.text(0); }, id);
}

Result<std::optional<User>> Users::find(std::string_view name) {
  auto user =
      database_.first("SELECT " SEKISHO_USER_COLUMNS " FROM users WHERE name = ?", read_user, name);
  if (!user) return fail(user.error());
  if (!*user) return std::optional<User>();
  auto groups = groups_of((*user)->id);
  if (!groups) return fail(groups.error());
  (*user)->groups = std::move(*groups);
  return *std::move(user);
}

Result<std::optional<User>> Users::find(UserId id) {
  auto user =
      database_.first("SELECT " SEKISHO_USER_COLUMNS " FROM users WHERE id = ?", read_user, id);
  if (!user) return fail(user.error());
  if (!*user) return std::optional<User>();
  auto groups = groups_of(id);
  if (!groups) return fail(groups.error());
  (*user)->groups = std::move(*groups);
  return *std::move(user);
}

Result<std::vector<User>> Users::list() {
  auto users = database_.all("SELECT " SEKISHO_USER_COLUMNS " FROM users ORDER BY name", read_user);
  if (!users) return fail(users.error());
  for (User& user : *users) {
    auto groups = groups_of(user.id);
    if (!groups) return fail(groups.error());
    user.groups = std::move(*groups);
  }
  return *std::move(users);
}

Result<void> Users::set_enabled(UserId id, bool is_enabled) {
  const auto done =
      database_.run("UPDATE users SET is_enabled = ? WHERE id = ?", is_enabled ? 1 : 0, id);
  if (!done) return fail(done.error());
  return {};
}

Result<void> Users::set_display_name(UserId id, std::string_view display_name) {
  const auto done =
      database_.run("UPDATE users SET display_name = ? WHERE id = ?", display_name, id);
  if (!done) return fail(done.error());
  return {};
}

Result<bool> Users::add_to_group(UserId id, std::string_view group) {
  const auto added = database_.run(
      "INSERT INTO user_groups (user_id, group_name) VALUES (?, ?) ON CONFLICT DO NOTHING", id,
      group);
  if (!added) return fail(added.error());
  return *added == 1;
}

Result<bool> Users::remove_from_group(UserId id, std::string_view group) {
  const auto removed =
      database_.run("DELETE FROM user_groups WHERE user_id = ? AND group_name = ?", id, group);
  if (!removed) return fail(removed.error());
  return *removed == 1;
}

Result<void> Users::set_password(UserId id, const PasswordHash& password) {
  const auto done = database_.run(
      "INSERT INTO passwords (user_id, hash, key_id, changed_at) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, key_id = excluded.key_id, "
      "changed_at = excluded.changed_at",
      id, password.hash, password.key_id, password.changed_at);
  if (!done) return fail(done.error());
  return {};
}

Result<std::optional<PasswordHash>> Users::password(UserId id) {
  return database_.first(
      "SELECT hash, key_id, changed_at FROM passwords WHERE user_id = ?",
      [](const Row& row) {
        return PasswordHash{row.text(0), row.text(1), row.instant(2)};
      },
      id);
}

Result<std::optional<Bytes>> Users::handle(UserId id) {
  return database_.first(
      "SELECT handle FROM users WHERE id = ? AND handle IS NOT NULL",
      [](const Row& row) { return row.blob(0); }, id);
}

Result<void> Users::set_handle(UserId id, ByteView handle) {
  const auto done =
      database_.run("UPDATE users SET handle = ? WHERE id = ? AND handle IS NULL", handle, id);
  if (!done) return fail(done.error());
  return {};
}

Result<void> Users::note_login(UserId id, std::string_view from, Instant now) {
  const auto done = database_.run(
      "UPDATE users SET last_login_at = ?, last_login_from = ?, failures_since = 0 WHERE id = ?",
      now, from, id);
  if (!done) return fail(done.error());
  return {};
}

Result<void> Users::note_failure(UserId id) {
  const auto done =
      database_.run("UPDATE users SET failures_since = failures_since + 1 WHERE id = ?", id);
  if (!done) return fail(done.error());
  return {};
}

}  // namespace sekisho::store
