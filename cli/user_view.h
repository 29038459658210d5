// How users are shown: in a list, and one with everything that belongs to them.

#ifndef SEKISHO_CLI_USER_VIEW_H_
#define SEKISHO_CLI_USER_VIEW_H_

#include <optional>
#include <string_view>

#include "authn/policy.h"
#include "base/result.h"
#include "cli/view.h"
#include "store/store.h"

namespace sekisho::cli {

// All users, or those of `group`.
Result<Listing> list_users(store::Store& store, const std::optional<std::string>& group);

// kNotFound when there is no such user.
Result<Record> show_user(store::Store& store, std::string_view name, const authn::Policy& policy,
                         Instant now);

// Also of use to others.
Listing list_totp(const std::vector<store::TotpCredential>& credentials);
Result<store::User> find_user(store::Store& store, std::string_view name);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_USER_VIEW_H_
