#include "gateway/step_up.h"

#include "gateway/portal_views.h"
#include "gateway/return_address.h"

namespace sekisho::gateway {

using authn::Assurance;
using pages::Notice;

authn::ProvenSession proven_by(const authn::LiveSession& session) {
  return {session.assurance, session.factors, session.created_at};
}

Result<std::vector<store::SecurityKey>> keys_of(const RequestContext& context, store::UserId user) {
  const auto view = context.loop.view(context.now);
  if (!view) return fail(view.error());
  return (*view)->store().security_keys().list(user);
}

Assurance wanted_assurance(const RequestContext& context, const authn::LiveSession& session,
                           std::string_view wanted, const std::vector<store::SecurityKey>& keys) {
  if (wanted == kAddKeyPath || wanted == kKeysPath) return authn::level_of(keys);
  const auto address = application_address(*context.site, wanted);
  if (!address) return Assurance::kSecondFactor;
  const auto decision = context.site->rules.decide(
      *address->application,
      {address->target, context.client, context.now, &session.user->groups, session.assurance});
  if (decision.outcome != authn::AccessOutcome::kSecondFactor || decision.rule == nullptr) {
    return Assurance::kSecondFactor;
  }
  return std::max(decision.rule->require, Assurance::kSecondFactor);
}

Result<Response> step_up_page(RequestContext& context, const authn::LiveSession& session,
                              std::string_view wanted) {
  const authn::LiveSession current = session;  // reading refreshes the view
  const auto keys = keys_of(context, current.user->id);
  if (!keys) return fail(keys.error());
  if (keys->empty()) return home_page(context, current, Notice{Notice::Kind::kKeyNeeded});
  return second_factor_page(context, 200, current, wanted, Notice{Notice::Kind::kKeyNeeded});
}

}  // namespace sekisho::gateway
