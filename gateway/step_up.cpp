#include "gateway/step_up.h"

#include "gateway/portal_views.h"
#include "gateway/return_address.h"

namespace sekisho::gateway {

using authn::Assurance;
using pages::Notice;

Assurance wanted_assurance(const RequestContext& context, const authn::LiveSession& session,
                           std::string_view wanted) {
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

bool may_change_keys(const RequestContext& context, const authn::LiveSession& session) {
  const auto fresh = context.loop.shared().policy.security_keys.fresh;
  return session.assurance >= Assurance::kSecondFactor && context.now < session.created_at + fresh;
}

bool may_add_key(const RequestContext& context, const authn::LiveSession& session) {
  const auto fresh = context.loop.shared().policy.security_keys.fresh;
  return may_change_keys(context, session) ||
         (authn::has_factor(session.factors, name_of(authn::Factor::kEnrolmentCode)) &&
          context.now < session.created_at + fresh);
}

Result<Response> step_up_page(RequestContext& context, const authn::LiveSession& session,
                              std::string_view wanted) {
  const auto view = context.loop.view(context.now);
  if (!view) return fail(view.error());
  const auto keys = (*view)->store().security_keys().list(session.user->id);
  if (!keys) return fail(keys.error());
  if (keys->empty()) return home_page(context, session, Notice{Notice::Kind::kKeyNeeded});
  return second_factor_page(context, 200, session, wanted, Notice{Notice::Kind::kKeyNeeded});
}

}  // namespace sekisho::gateway
