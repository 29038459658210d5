#include "gateway/step_up.h"

#include "gateway/portal_views.h"
#include "gateway/return_address.h"

namespace sekisho::gateway {

using authn::Assurance;
using pages::Notice;

authn::ProvenSession proven_by(const authn::LiveSession& session) {
  return {session.factors, session.created_at, session.proven};
}

Result<std::vector<store::SecurityKey>> keys_of(const RequestContext& context, store::UserId user) {
  const auto view = context.loop.view(context.now);
  if (!view) return fail(view.error());
  return (*view)->store().security_keys().list(user);
}

Demand demand_of(const RequestContext& context, const authn::LiveSession& session,
                 std::string_view wanted, const std::vector<store::SecurityKey>& keys) {
  const Demand ordinary{Assurance::kSecondFactor, session.assurance >= Assurance::kSecondFactor};
  if (wanted == kAddKeyPath || wanted == kKeysPath) {
    const auto change = wanted == kAddKeyPath ? authn::KeyChange::kAdd : authn::KeyChange::kRemove;
    const authn::Policy& policy = context.loop.shared().policy;
    const Assurance level = authn::level_of(keys, session.user->groups, policy.privileged);
    const bool is_met =
        authn::may_change(proven_by(session), level, change, policy.security_keys, context.now);
    const bool takes_enrolment = !is_met && change == authn::KeyChange::kAdd &&
                                 level >= Assurance::kSecurityKey &&
                                 policy.privileged.covers(session.user->groups);
    return {level, is_met, takes_enrolment};
  }
  const auto address = application_address(*context.site, wanted);
  if (!address) return ordinary;
  const auto decision = context.site->rules.decide(
      *address->application, session.request(address->target, context.client, context.now));
  const bool asks_for_more = decision.outcome == authn::AccessOutcome::kSecondFactor ||
                             decision.outcome == authn::AccessOutcome::kStale;
  if (!asks_for_more || decision.rule == nullptr) return ordinary;
  return {std::max(decision.require, Assurance::kSecondFactor), false};
}

Result<Response> step_up_page(RequestContext& context, const authn::LiveSession& session,
                              std::string_view wanted) {
  const authn::LiveSession current = session;  // reading refreshes the view
  const auto keys = keys_of(context, current.user->id);
  if (!keys) return fail(keys.error());
  const Demand demand = demand_of(context, current, wanted, *keys);
  const bool asks_for_key = demand.level >= Assurance::kSecurityKey;
  if (asks_for_key && keys->empty()) {
    return home_page(context, current, Notice{Notice::Kind::kKeyNeeded});
  }
  const bool has_it = current.assurance >= demand.level;
  const auto notice =
      has_it || !asks_for_key ? Notice::Kind::kFreshFactorNeeded : Notice::Kind::kKeyNeeded;
  return second_factor_page(context, 200, current, wanted, Notice{notice});
}

}  // namespace sekisho::gateway
