#include "authn/key_change.h"

#include <algorithm>

namespace sekisho::authn {

Assurance level_of(const std::vector<store::SecurityKey>& keys,
                   const std::vector<std::string>& groups, const PrivilegedPolicy& policy) {
  Assurance level = policy.raised(Assurance::kSecondFactor, groups);
  for (const store::SecurityKey& key : keys) {
    level = std::max(level, key.is_verifying ? Assurance::kVerifiedKey : Assurance::kSecurityKey);
  }
  return level;
}

bool may_change(const ProvenSession& session, Assurance level, KeyChange change,
                const SecurityKeyPolicy& policy, Instant now) {
  const bool has_code = has_factor(session.factors, name_of(Factor::kEnrolmentCode));
  if (has_code && change == KeyChange::kAdd) return now < session.created_at + policy.fresh;
  // The level itself, lately: a code shown now makes a key shown in the morning no younger.
  const std::optional<Instant> proven = session.proven.at(level);
  return proven && now < *proven + policy.fresh;
}

Result<std::optional<store::User>> person_who_may(store::Store& store, store::SessionId session,
                                                  KeyChange change, const Policy& policy,
                                                  Instant now) {
  const auto row = store.sessions().find(session);
  if (!row) return fail(row.error());
  if (!*row || (*row)->ended_at || (*row)->expires_at <= now) return std::optional<store::User>();
  auto user = store.users().find((*row)->user);
  if (!user) return fail(user.error());
  if (!*user || !(*user)->is_enabled) return std::optional<store::User>();
  const auto keys = store.security_keys().list((*row)->user);
  if (!keys) return fail(keys.error());
  const ProvenSession proven{
      (*row)->factors,
      (*row)->created_at,
      {(*row)->second_factor_at, (*row)->security_key_at, (*row)->verified_key_at}};
  const Assurance level = level_of(*keys, (*user)->groups, policy.privileged);
  if (!may_change(proven, level, change, policy.security_keys, now))
    return std::optional<store::User>();
  return *std::move(user);
}

Result<void> spend_enrolment_right(store::Store& store, store::SessionId session) {
  const auto row = store.sessions().find(session);
  if (!row) return fail(row.error());
  if (!*row || !has_factor((*row)->factors, name_of(Factor::kEnrolmentCode))) return {};
  return store.sessions().set_factors(
      session, without_factor((*row)->factors, name_of(Factor::kEnrolmentCode)));
}

}  // namespace sekisho::authn
