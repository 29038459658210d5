// What an administrator changes: users, passwords, sessions, terminals.  Each change is one
// transaction with its audit row, and every gateway sees it before its next answer.

#ifndef SEKISHO_AUTHN_ADMINISTRATION_H_
#define SEKISHO_AUTHN_ADMINISTRATION_H_

#include <string>
#include <string_view>
#include <vector>

#include "authn/policy.h"
#include "base/clock.h"
#include "base/keyring.h"
#include "base/random.h"
#include "base/secret.h"
#include "store/store.h"

namespace sekisho::authn {

// What every administrative act needs.  `actor` goes into the audit log: "admin:root (tanaka)".
struct Office {
  store::Store& store;
  const Keyring& keyring;
  Random& random;
  const Clock& clock;
  const Policy& policy;
  std::string actor;
};

// 1..64 of a-z, A-Z, 0-9, '.', '_', '-', not beginning with '-' or '.': what Linux login names
// and file names can be.  Also for groups and terminals.
bool is_name(std::string_view name);
// UTF-8 without control characters, at most 128 bytes.
bool is_display_name(std::string_view name);

class Administration {
 public:
  explicit Administration(const Office& office) : office_(office) {}

  // Users.  kNotFound when there is no such user; kInvalid with what would be right.
  Result<store::User> user(std::string_view name);
  Result<store::UserId> add_user(std::string_view name, std::string_view display_name,
                                 const std::vector<std::string>& groups);
  Result<void> remove_user(std::string_view name);
  // Disabling ends the user's sessions in the same transaction.  kConflict: already so.
  Result<void> set_enabled(std::string_view name, bool is_enabled);
  Result<void> set_display_name(std::string_view name, std::string_view display_name);
  Result<void> add_to_group(std::string_view name, std::string_view group);
  Result<void> remove_from_group(std::string_view name, std::string_view group);
  // Hashes (slow, before the transaction), lifts a lock of the password, ends the sessions.
  Result<void> set_password(std::string_view name, const Secret& password);

  struct Unlocked {
    std::int64_t cleared = 0;                 // counters forgotten
    std::vector<std::string> still_disabled;  // factors past the hard limit: must be set anew
  };
  // Lifts delays and temporary locks (NIST SP 800-63B-4 section 3.2.2: not the hard limit).
  Result<Unlocked> unlock(std::string_view name);

  // Sessions.  end_session: kNotFound when it does not exist or has ended.
  Result<void> end_session(store::SessionId id);
  Result<std::int64_t> end_sessions_of(std::string_view name);

  // Terminals.  The token is shown once: 26 base32 characters.
  struct Invitation {
    Secret token;
    Instant expires_at;
  };
  // A new terminal, or a new token for one that is there when `again` (a reinstalled one); that
  // ends its old certificates at once.
  Result<Invitation> invite_terminal(std::string_view name, bool again);
  Result<void> revoke_terminal(std::string_view name);

 private:
  Result<void> write_down(std::string_view event, std::string_view subject, std::string detail);
  Office office_;
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_ADMINISTRATION_H_
