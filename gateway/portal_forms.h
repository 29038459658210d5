// What the portal's handlers have in common: forms and their tokens, who claims what, refusals.

#ifndef SEKISHO_GATEWAY_PORTAL_FORMS_H_
#define SEKISHO_GATEWAY_PORTAL_FORMS_H_

#include <map>
#include <string>
#include <string_view>

#include "authn/key_binding.h"
#include "authn/login.h"
#include "gateway/portal_views.h"
#include "gateway/request_context.h"

namespace sekisho::gateway {

// 503, and why in the log.
Response unavailable(const RequestContext& context, const Error& error);

using FormFields = std::map<std::string, std::string>;
std::string field_of(const FormFields& fields, const std::string& name);

// The form of a request, if its token is the one that belongs to `secret` (a cookie's value).
struct Form {
  FormFields fields;
  std::string return_to = "/";
  bool is_ours = false;
};
Form form_of(const RequestContext& context, std::string_view secret);

// The address that the query names and that is safe to go to.
std::string wanted_address(const RequestContext& context);

authn::Claim claim_at_portal(const RequestContext& context, const std::string& claimed_user,
                             const std::string& proven_factors);
authn::Actor actor_at_portal(const RequestContext& context, const authn::LiveSession& session);
store::User user_of(const authn::LiveSession& session);

// Retry-After, where the refusal says how long to wait.
void add_wait(Response& response, const Refusal& refusal);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_PORTAL_FORMS_H_
