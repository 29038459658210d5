// The people who log in, their groups and their password hashes.

#ifndef SEKISHO_STORE_USERS_H_
#define SEKISHO_STORE_USERS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace sekisho::store {

struct User {
  UserId id;
  std::string name;          // login name, as the terminal knows it
  std::string display_name;  // any script
  bool is_enabled = true;
  Instant created_at;
  std::optional<Instant> last_login_at;
  std::string last_login_from;
  std::int64_t failures_since = 0;  // refused logins since last_login_at
  std::vector<std::string> groups;  // sorted
};

struct PasswordHash {
  std::string hash;    // authn/factors/password.h
  std::string key_id;  // the keyring's key it was keyed with
  Instant changed_at;
};

class Users {
 public:
  explicit Users(Database& database) : database_(database) {}

  // kAlreadyExists when the name is taken.  Names are checked by authn/administration.h.
  Result<UserId> add(std::string_view name, std::string_view display_name, Instant now);
  // Removes the user with every credential and session.  False: there was none.
  Result<bool> remove(UserId id);

  Result<std::optional<User>> find(std::string_view name);
  Result<std::optional<User>> find(UserId id);
  Result<std::vector<User>> list();

  Result<void> set_enabled(UserId id, bool is_enabled);
  Result<void> set_display_name(UserId id, std::string_view display_name);
  // False: the user already was (was not) in the group.
  Result<bool> add_to_group(UserId id, std::string_view group);
  Result<bool> remove_from_group(UserId id, std::string_view group);

  Result<void> set_password(UserId id, const PasswordHash& password);
  Result<std::optional<PasswordHash>> password(UserId id);

  // The WebAuthn user handle (section 5.4.3), 64 bytes; nullopt before the first security key.
  Result<std::optional<Bytes>> handle(UserId id);
  // Once; later calls change nothing.
  Result<void> set_handle(UserId id, ByteView handle);

  // Writes down a login that was granted: when, from where; failures_since becomes 0.
  Result<void> note_login(UserId id, std::string_view from, Instant now);
  Result<void> note_failure(UserId id);

 private:
  Result<std::vector<std::string>> groups_of(UserId id);
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_USERS_H_
