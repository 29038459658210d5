// From what a request knows to a page of the portal: views filled, headers and cookies set.

#ifndef SEKISHO_GATEWAY_PORTAL_VIEWS_H_
#define SEKISHO_GATEWAY_PORTAL_VIEWS_H_

#include <optional>
#include <string>

#include "gateway/pages/pages.h"
#include "gateway/request_context.h"

namespace sekisho::gateway {

// The language and organisation for this reader.
pages::Page page_for(const RequestContext& context);

// The sign-in form.  Sets the cookie its token belongs to when there is none yet.
Response sign_in_page(RequestContext& context, unsigned status, std::string_view claimed_user,
                      std::string_view return_to, std::optional<pages::Notice> notice);

// The second step, for the session that has proven a password; or a step up, for one that has
// proven less than `return_to` asks for, or not lately enough.  Reads the person's keys from the
// store.
Result<Response> second_factor_page(RequestContext& context, unsigned status,
                                    const authn::LiveSession& session, std::string_view return_to,
                                    std::optional<pages::Notice> notice);

// A person's own page; reads what it shows from the store.  `session` is a copy: reading refreshes
// the view, which may forget the original.
Result<Response> home_page(RequestContext& context, authn::LiveSession session,
                           std::optional<pages::Notice> notice);

// The page that binds a key.  `handle` is the person's.
Result<Response> add_key_page(RequestContext& context, unsigned status,
                              const authn::LiveSession& session, ByteView handle,
                              std::string_view claimed_label, std::optional<pages::Notice> notice);

Response signed_out_page(const RequestContext& context);

// 303 to a safe address, after a form.
Response go_to(const RequestContext& context, std::string_view return_to);

// The notice and the status for a refused login.
struct Refusal {
  unsigned status = 401;
  pages::Notice notice;
};
Refusal refusal_of(const authn::Verdict& verdict, authn::Factor factor, Instant now);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_PORTAL_VIEWS_H_
