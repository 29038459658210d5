// WebAuthn ceremonies at the portal: what a page hands to its script, and what a form brings back.
// The challenge, its session, user and purpose are in the ticket; nothing is kept meanwhile.

#ifndef SEKISHO_GATEWAY_KEY_CEREMONIES_H_
#define SEKISHO_GATEWAY_KEY_CEREMONIES_H_

#include <expected>
#include <string_view>
#include <vector>

#include "authn/ceremony_ticket.h"
#include "authn/security_key_login.h"
#include "gateway/pages/pages.h"
#include "gateway/portal_forms.h"
#include "gateway/request_context.h"
#include "store/security_keys.h"

namespace sekisho::gateway {

// For a sign-in with the key alone.  `context.form_cookie` must be the one the page sets.
pages::KeyCeremony sign_in_ceremony(const RequestContext& context);

// For the second step, or a step up: one of `keys`, which is not empty.
pages::KeyCeremony second_factor_ceremony(const RequestContext& context,
                                          const authn::LiveSession& session,
                                          const std::vector<store::SecurityKey>& keys,
                                          authn::Assurance wanted);

// For binding a key to the person beside `keys`.
pages::KeyCeremony registration_ceremony(const RequestContext& context,
                                         const authn::LiveSession& session,
                                         const std::vector<store::SecurityKey>& keys,
                                         ByteView user_handle);

// The ticket of a form, unspent as yet: of this ceremony, this session (`secret`, its cookie's
// value) and this user.  nullopt when it is none of that, or too old.
struct FormTicket {
  authn::CeremonyTicket ticket;
  authn::PresentedKey::Ticket to_spend;
};
std::optional<FormTicket> ticket_of(const RequestContext& context, const FormFields& fields,
                                    authn::KeyCeremony ceremony, std::string_view secret,
                                    store::UserId user);

// What the form says that a key answered; nullopt when a part is missing or no base64url.
std::optional<authn::PresentedKey> answer_of(const RequestContext& context,
                                             const FormFields& fields, const FormTicket& ticket);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_KEY_CEREMONIES_H_
