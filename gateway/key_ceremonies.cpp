#include "gateway/key_ceremonies.h"

#include <boost/json.hpp>

#include "base/encoding.h"
#include "base/text.h"

namespace sekisho::gateway {
namespace {

namespace json = boost::json;

constexpr std::string_view kNamelessParty = "Sekisho";

const authn::SecurityKeyPolicy& policy_of(const RequestContext& context) {
  return context.loop.shared().policy.security_keys;
}

authn::IssuedCeremony issue(const RequestContext& context, authn::KeyCeremony ceremony,
                            std::string_view secret, store::UserId user) {
  const Shared& shared = context.loop.shared();
  authn::CeremonyTicket ticket;
  ticket.ceremony = ceremony;
  ticket.binding = sha256(secret);
  ticket.user = user;
  ticket.expires_at = context.now + policy_of(context).ceremony;
  return authn::issue_ceremony(shared.keyring, shared.random, std::move(ticket));
}

json::array descriptors(const std::vector<store::SecurityKey>& keys) {
  json::array list;
  for (const store::SecurityKey& key : keys) {
    json::object entry{{"type", "public-key"}, {"id", base64url_of(key.credential_id)}};
    json::array transports;
    if (!key.transports.empty()) {
      for (const std::string_view one : split(key.transports, ',')) transports.emplace_back(one);
      entry["transports"] = std::move(transports);
    }
    list.push_back(std::move(entry));
  }
  return list;
}

pages::KeyCeremony assertion(const RequestContext& context, const authn::IssuedCeremony& issued,
                             json::array allowed, bool requires_verification) {
  const authn::SecurityKeyPolicy& policy = policy_of(context);
  const json::object options{
      {"challenge", base64url_of(issued.challenge)},
      {"timeout", policy.ceremony.count()},
      {"rpId", policy.rp_id},
      {"allowCredentials", std::move(allowed)},
      {"userVerification", requires_verification ? "required" : "preferred"}};
  return {issued.text, json::serialize(options)};
}

std::optional<Bytes> bytes_of(const FormFields& fields, const std::string& name) {
  return bytes_from_base64url(field_of(fields, name));
}

}  // namespace

pages::KeyCeremony sign_in_ceremony(const RequestContext& context) {
  const auto issued = issue(context, authn::KeyCeremony::kSignIn, context.form_cookie, {});
  return assertion(context, issued, {}, true);
}

pages::KeyCeremony second_factor_ceremony(const RequestContext& context,
                                          const authn::LiveSession& session,
                                          const std::vector<store::SecurityKey>& keys,
                                          authn::Assurance wanted) {
  const auto issued =
      issue(context, authn::KeyCeremony::kSecondFactor, context.session_token, session.user->id);
  return assertion(
      context, issued, descriptors(keys),
      policy_of(context).requires_user_verification || wanted == authn::Assurance::kVerifiedKey);
}

pages::KeyCeremony registration_ceremony(const RequestContext& context,
                                         const authn::LiveSession& session,
                                         const std::vector<store::SecurityKey>& keys,
                                         ByteView user_handle) {
  const authn::SecurityKeyPolicy& policy = policy_of(context);
  const settings::Settings& settings = context.site->settings;
  const auto issued =
      issue(context, authn::KeyCeremony::kRegistration, context.session_token, session.user->id);
  json::array algorithms;
  for (const int algorithm : {-7, -8, -35}) {
    algorithms.push_back(json::object{{"type", "public-key"}, {"alg", algorithm}});
  }
  const bool requires_verification = context.loop.shared().policy.must_verify(session.user->groups);
  const json::object options{
      {"rp",
       json::object{{"id", policy.rp_id},
                    {"name", settings.organization.empty() ? std::string(kNamelessParty)
                                                           : printable(settings.organization)}}},
      {"user", json::object{{"id", base64url_of(user_handle)},
                            {"name", session.user->name},
                            {"displayName", printable(session.user->display_name)}}},
      {"challenge", base64url_of(issued.challenge)},
      {"pubKeyCredParams", std::move(algorithms)},
      {"timeout", policy.ceremony.count()},
      {"excludeCredentials", descriptors(keys)},
      {"authenticatorSelection",
       json::object{{"residentKey", policy.allows_passwordless ? "preferred" : "discouraged"},
                    {"requireResidentKey", false},
                    {"userVerification", requires_verification ? "required" : "preferred"}}},
      {"hints", json::array{json::string("security-key")}},
      // A statement is asked for only where somebody looks at it.
      {"attestation", context.site->anchors->size() > 0 ? "direct" : "none"},
      // So that whoever finds the key learns nothing from it (CTAP 2.1 section 12.1).
      {"extensions",
       json::object{{"credentialProtectionPolicy",
                     requires_verification ? "userVerificationRequired"
                                           : "userVerificationOptionalWithCredentialIDList"},
                    {"enforceCredentialProtectionPolicy", false}}}};
  return {issued.text, json::serialize(options)};
}

std::optional<FormTicket> ticket_of(const RequestContext& context, const FormFields& fields,
                                    authn::KeyCeremony ceremony, std::string_view secret,
                                    store::UserId user) {
  const std::string text = field_of(fields, "ticket");
  auto ticket = authn::read_ceremony(context.loop.shared().keyring, text);
  if (!ticket || ticket->ceremony != ceremony || ticket->user != user ||
      ticket->expires_at <= context.now ||
      !equals_in_constant_time(ticket->binding, sha256(secret))) {
    return std::nullopt;
  }
  const Instant end = ticket->expires_at;
  return FormTicket{std::move(*ticket), {sha256(text), end}};
}

std::optional<authn::PresentedKey> answer_of(const RequestContext& context,
                                             const FormFields& fields, const FormTicket& ticket) {
  auto credential_id = bytes_of(fields, "credential_id");
  auto client_data = bytes_of(fields, "client_data");
  auto authenticator_data = bytes_of(fields, "authenticator_data");
  auto signature = bytes_of(fields, "signature");
  auto user_handle = bytes_of(fields, "user_handle");
  if (!credential_id || !client_data || !authenticator_data || !signature || !user_handle) {
    return std::nullopt;
  }
  return authn::PresentedKey{std::move(*credential_id),
                             std::move(*client_data),
                             std::move(*authenticator_data),
                             std::move(*signature),
                             std::move(*user_handle),
                             ticket.ticket.challenge,
                             {context.site->settings.portal_origin()},
                             ticket.to_spend};
}

}  // namespace sekisho::gateway
