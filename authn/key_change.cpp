#include "authn/key_change.h"

#include <algorithm>

#include "base/text.h"

namespace sekisho::authn {

Assurance level_of(const std::vector<store::SecurityKey>& keys) {
  if (keys.empty()) return Assurance::kSecondFactor;
  const bool verifies = std::ranges::any_of(keys, &store::SecurityKey::is_verifying);
  return verifies ? Assurance::kVerifiedKey : Assurance::kSecurityKey;
}

bool may_change(const ProvenSession& session, const std::vector<store::SecurityKey>& keys,
                KeyChange change, const SecurityKeyPolicy& policy, Instant now) {
  if (now >= session.created_at + policy.fresh) return false;
  const bool has_code = has_factor(session.factors, name_of(Factor::kEnrolmentCode));
  if (has_code) return change == KeyChange::kAdd;
  return session.assurance >= level_of(keys);
}

Result<std::optional<store::User>> person_who_may(store::Store& store, store::SessionId session,
                                                  KeyChange change, const SecurityKeyPolicy& policy,
                                                  Instant now) {
  const auto row = store.sessions().find(session);
  if (!row) return fail(row.error());
  if (!*row || (*row)->ended_at || (*row)->expires_at <= now) return std::optional<store::User>();
  auto user = store.users().find((*row)->user);
  if (!user) return fail(user.error());
  if (!*user || !(*user)->is_enabled) return std::optional<store::User>();
  const auto keys = store.security_keys().list((*row)->user);
  if (!keys) return fail(keys.error());
  const ProvenSession proven{static_cast<Assurance>((*row)->assurance), (*row)->factors,
                             (*row)->created_at};
  if (!may_change(proven, *keys, change, policy, now)) return std::optional<store::User>();
  return *std::move(user);
}

Result<void> spend_enrolment_right(store::Store& store, store::SessionId session) {
  const auto row = store.sessions().find(session);
  if (!row) return fail(row.error());
  if (!*row || !has_factor((*row)->factors, name_of(Factor::kEnrolmentCode))) return {};
  std::string left;
  for (const std::string_view factor : split((*row)->factors, ' ')) {
    if (factor != name_of(Factor::kEnrolmentCode)) left = with_factor(left, factor);
  }
  return store.sessions().set_factors(session, left);
}

}  // namespace sekisho::authn
