#include "gateway/portal_forms.h"

#include "authn/session.h"
#include "base/log.h"
#include "gateway/return_address.h"
#include "gateway/routes.h"

namespace sekisho::gateway {

Response unavailable(const RequestContext& context, const Error& error) {
  log::write(log::Level::kError, "portal_unavailable",
             JsonObject().add("path", context.path).add("error", error.message));
  return problem_page(context, 503, kTryAgainAfter);
}

std::string field_of(const FormFields& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

Form form_of(const RequestContext& context, std::string_view secret) {
  Form form;
  auto fields = form_fields(context.body);
  if (!fields) return form;
  form.fields = std::move(*fields);
  form.return_to = safe_return_address(*context.site, field_of(form.fields, "return_to"));
  form.is_ours = authn::token_hash(secret).has_value() &&
                 equals_in_constant_time(as_bytes(field_of(form.fields, "csrf_token")),
                                         as_bytes(authn::form_token(secret)));
  return form;
}

std::string wanted_address(const RequestContext& context) {
  const auto fields = form_fields(context.query);
  return safe_return_address(*context.site, fields ? field_of(*fields, "rd") : "");
}

authn::Claim claim_at_portal(const RequestContext& context, const std::string& claimed_user,
                             const std::string& proven_factors) {
  authn::Claim claim;
  claim.claimed_user = claimed_user;
  claim.source = context.client.text();
  claim.place = "portal";
  claim.proven_factors = proven_factors;
  return claim;
}

authn::Actor actor_at_portal(const RequestContext& context, const authn::LiveSession& session) {
  return {"user:" + session.user->name, context.client.text()};
}

store::User user_of(const authn::LiveSession& session) {
  store::User user;
  user.id = session.user->id;
  user.name = session.user->name;
  user.groups = session.user->groups;
  return user;
}

void add_wait(Response& response, const Refusal& refusal) {
  if (refusal.notice.wait.count() == 0) return;
  response.add("Retry-After", std::to_string(refusal.notice.wait.count()));
}

}  // namespace sekisho::gateway
