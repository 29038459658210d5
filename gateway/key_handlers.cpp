#include "gateway/key_handlers.h"

#include <algorithm>

#include "authn/key_binding.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/key_ceremonies.h"
#include "gateway/portal_forms.h"
#include "gateway/return_address.h"
#include "gateway/routes.h"
#include "gateway/step_up.h"

namespace sekisho::gateway {
namespace {

using authn::Assurance;
using pages::Notice;

// The person's user handle, which is made when there is none.
Task<Result<Bytes>> handle_of(RequestContext& context, store::UserId user) {
  const auto view = context.loop.view(context.now);
  if (!view) co_return fail(view.error());
  auto known = (*view)->store().users().handle(user);
  if (!known) co_return fail(known.error());
  if (*known) co_return **std::move(known);
  Bytes handle;
  Random& random = context.loop.shared().random;
  const store::CommitLane::Job make = [&](store::Store& store) -> Result<void> {
    auto made = authn::user_handle(store, random, user);
    if (!made) return fail(made.error());
    handle = std::move(*made);
    return {};
  };
  const auto done = co_await context.loop.commit(make);
  if (!done) co_return fail(done.error());
  co_return handle;
}

// Whoever may not change keys now is asked for what is missing, and comes back to `then`.
Result<Response> prove_again(RequestContext& context, const authn::LiveSession& session,
                             std::string_view then) {
  const authn::LiveSession current = session;  // reading refreshes the view
  const auto keys = keys_of(context, current.user->id);
  if (!keys) return fail(keys.error());
  std::optional<Notice> notice;
  if (keys->empty() && demand_of(context, current, then, *keys).takes_enrolment) {
    notice = Notice{Notice::Kind::kEnrolmentNeeded};
  } else if (current.assurance >= Assurance::kSecondFactor) {
    notice = Notice{Notice::Kind::kFreshFactorNeeded};
  }
  return second_factor_page(context, 200, current, then, notice);
}

Response shown(const RequestContext& context, Result<Response> page) {
  return page ? std::move(*page) : unavailable(context, page.error());
}

Notice::Kind notice_of(authn::WebauthnFault fault) {
  switch (fault) {
    case authn::WebauthnFault::kSyncable:
      return Notice::Kind::kKeySyncable;
    case authn::WebauthnFault::kNotVerified:
      return Notice::Kind::kKeyNotVerified;
    default:
      return Notice::Kind::kKeyRefused;
  }
}

Notice::Kind notice_of(authn::BindingObjection objection) {
  switch (objection) {
    case authn::BindingObjection::kTaken:
      return Notice::Kind::kKeyTaken;
    case authn::BindingObjection::kModelRefused:
      return Notice::Kind::kKeyModelRefused;
    case authn::BindingObjection::kTooMany:
      return Notice::Kind::kKeyRefused;
  }
  return Notice::Kind::kKeyRefused;
}

// What is needed of the session on another thread than the loop's.
struct Changer {
  store::SessionId session;
  authn::Actor actor;
};
Changer changer_of(const RequestContext& context, const authn::LiveSession& session) {
  return {session.id, actor_at_portal(context, session)};
}

using Verified = authn::Webauthn<authn::VerifiedRegistration>;

// Section 7.1, on the worker pool: certificates and signatures take their time.
Task<Result<Verified>> verify_form(RequestContext& context, const FormTicket& ticket,
                                   const FormFields& fields, bool must_verify) {
  const auto client_data = bytes_from_base64url(field_of(fields, "client_data"));
  const auto object = bytes_from_base64url(field_of(fields, "attestation_object"));
  Verified verified = std::unexpected(authn::WebauthnFault::kMalformedAttestation);
  if (!client_data || !object) co_return verified;
  const std::vector<std::string> origins = {context.site->settings.portal_origin()};
  const authn::SecurityKeyPolicy& policy = context.loop.shared().policy.security_keys;
  authn::ExpectedRegistration expected;
  expected.rp_id = policy.rp_id;
  expected.origins = origins;
  expected.challenge = ticket.ticket.challenge;
  expected.requires_user_verification = must_verify;
  expected.allows_syncable = policy.allows_syncable;
  expected.anchors = context.site->anchors.get();
  expected.now = context.now;
  const std::function<Result<void>()> verify = [&]() -> Result<void> {
    verified = authn::verify_registration(expected, {*client_data, *object});
    return {};
  };
  const auto done = co_await context.loop.compute(verify);
  if (!done) co_return fail(done.error());
  co_return std::move(verified);
}

// Spends the challenge and binds the key, in one transaction: the notice to show.
Result<Notice::Kind> bind_verified(store::Store& store, const Shared& shared,
                                   const Changer& changer, const FormTicket& ticket,
                                   const FormFields& fields, const Verified& verified) {
  const Instant now = shared.clock.now();
  const authn::SecurityKeyPolicy& policy = shared.policy.security_keys;
  const auto is_first =
      store.spent_logins().spend(ticket.to_spend.hash, ticket.to_spend.expires_at);
  if (!is_first) return fail(is_first.error());
  if (!*is_first) return Notice::Kind::kCeremonyExpired;
  const auto user =
      authn::person_who_may(store, changer.session, authn::KeyChange::kAdd, shared.policy, now);
  if (!user) return fail(user.error());
  if (!*user || !verified) {
    const std::string_view reason = *user ? name_of(verified.error()) : "right_gone";
    const auto written =
        store.audit_log().append({"key_add", "denied", changer.actor.name, changer.actor.name,
                                  changer.actor.source, JsonObject().add("reason", reason).text()},
                                 now);
    if (!written) return fail(written.error());
    return *user ? notice_of(verified.error()) : Notice::Kind::kCeremonyExpired;
  }
  const auto bound = authn::bind_key(
      store, policy, **user, {field_of(fields, "label"), field_of(fields, "transports"), *verified},
      changer.actor, now);
  if (!bound) return fail(bound.error());
  if (!*bound) return notice_of(bound->error());
  auto spent = authn::spend_enrolment_right(store, changer.session);
  return spent ? Result<Notice::Kind>(Notice::Kind::kKeyAdded) : fail(spent.error());
}

// A key that the form names by its number.
std::optional<store::SecurityKeyId> key_named(const FormFields& fields) {
  const auto number = parse_unsigned(field_of(fields, "key"));
  if (!number || *number > static_cast<unsigned long long>(INT64_MAX)) return std::nullopt;
  return store::SecurityKeyId{static_cast<std::int64_t>(*number)};
}

// Removes the key, but not the last thing the person can sign in with.
Result<Notice::Kind> remove_one(store::Store& store, const Shared& shared, const Changer& changer,
                                store::SecurityKeyId id) {
  const Instant now = shared.clock.now();
  const auto user =
      authn::person_who_may(store, changer.session, authn::KeyChange::kRemove, shared.policy, now);
  if (!user) return fail(user.error());
  if (!*user) return Notice::Kind::kFreshFactorNeeded;
  const auto keys = store.security_keys().list((*user)->id);
  if (!keys) return fail(keys.error());
  const auto tokens = store.totp_credentials().list((*user)->id);
  if (!tokens) return fail(tokens.error());
  const bool has_token = std::ranges::any_of(
      *tokens, [](const store::TotpCredential& token) { return token.confirmed_at.has_value(); });
  if (keys->size() <= 1 && !has_token) return Notice::Kind::kLastSecondFactor;
  const auto removed = authn::remove_key(store, **user, id, changer.session, changer.actor, now);
  if (!removed) return fail(removed.error());
  return removed->is_removed ? Notice::Kind::kKeyRemoved : Notice::Kind::kFormExpired;
}

// The person's own page after a change, with what came of it.
Response home_after(RequestContext& context, Notice::Kind kind) {
  const auto still = context.loop.session(context.session_token, context.now);
  if (!still) return unavailable(context, still.error());
  if (*still == nullptr) return go_to(context, "/");
  return shown(context, home_page(context, **still, Notice{kind}));
}

// The session and form of a change to keys; or what to answer.
using Change = std::expected<std::pair<authn::LiveSession, Form>, Response>;

Result<Change> change_of(RequestContext& context) {
  const auto session = context.loop.session(context.session_token, context.now);
  if (!session) return fail(session.error());
  if (*session == nullptr) {
    return Change(
        std::unexpected(sign_in_page(context, 401, "", "/", Notice{Notice::Kind::kSignInExpired})));
  }
  const authn::LiveSession current = **session;
  Form form = form_of(context, context.session_token);
  if (!form.is_ours) return Change(std::unexpected(problem_page(context, 403)));
  return Change(std::pair(current, std::move(form)));
}

}  // namespace

Task<Response> show_add_key(RequestContext& context) {
  const auto session = context.loop.session(context.session_token, context.now);
  if (!session) co_return unavailable(context, session.error());
  if (*session == nullptr) co_return sign_in_page(context, 200, "", kAddKeyPath, std::nullopt);
  const authn::LiveSession current = **session;
  const auto keys = keys_of(context, current.user->id);
  if (!keys) co_return unavailable(context, keys.error());
  const authn::SecurityKeyPolicy& policy = context.loop.shared().policy.security_keys;
  if (!demand_of(context, current, kAddKeyPath, *keys).is_met) {
    co_return shown(context, prove_again(context, current, kAddKeyPath));
  }
  // One's own page has no button for more than that.
  if (keys->size() >= static_cast<std::size_t>(policy.keys_most)) co_return go_to(context, "/");
  const auto handle = co_await handle_of(context, current.user->id);
  if (!handle) co_return unavailable(context, handle.error());
  std::optional<Notice> notice;
  if (current.assurance < Assurance::kSecondFactor) notice = Notice{Notice::Kind::kEnrolmentReady};
  co_return shown(context, add_key_page(context, 200, current, *handle, "", notice));
}

Task<Response> add_key(RequestContext& context) {
  auto change = change_of(context);
  if (!change) co_return unavailable(context, change.error());
  if (!*change) co_return std::move(change->error());
  const auto& [session, form] = **change;
  const auto keys = keys_of(context, session.user->id);
  if (!keys) co_return unavailable(context, keys.error());
  const Shared& shared = context.loop.shared();
  if (!demand_of(context, session, kAddKeyPath, *keys).is_met) {
    co_return shown(context, prove_again(context, session, kAddKeyPath));
  }
  const std::string label = field_of(form.fields, "label");
  const auto handle = co_await handle_of(context, session.user->id);
  if (!handle) co_return unavailable(context, handle.error());
  const auto again = [&](Notice::Kind kind) {
    return shown(context, add_key_page(context, 400, session, *handle, label, Notice{kind}));
  };
  const auto ticket = ticket_of(context, form.fields, authn::KeyCeremony::kRegistration,
                                context.session_token, session.user->id);
  if (!ticket) co_return again(Notice::Kind::kCeremonyExpired);
  if (!authn::is_key_label(label)) co_return problem_page(context, 400);
  const auto verified = co_await verify_form(context, *ticket, form.fields,
                                             shared.policy.must_verify(session.user->groups));
  if (!verified) co_return unavailable(context, verified.error());
  const Changer changer = changer_of(context, session);
  Notice::Kind outcome = Notice::Kind::kUnavailable;
  const store::CommitLane::Job job = [&](store::Store& store) -> Result<void> {
    auto bound = bind_verified(store, shared, changer, *ticket, form.fields, *verified);
    if (!bound) return fail(bound.error());
    outcome = *bound;
    return {};
  };
  const auto done = co_await context.loop.commit(job);
  if (!done) co_return unavailable(context, done.error());
  if (outcome != Notice::Kind::kKeyAdded) co_return again(outcome);
  // With an enrolment code alone, the next step is to sign in with the key.
  if (session.assurance < Assurance::kSecondFactor) {
    co_return shown(context, second_factor_page(context, 200, session, "/", Notice{outcome}));
  }
  co_return home_after(context, outcome);
}

Task<Response> rename_key_of_person(RequestContext& context) {
  auto change = change_of(context);
  if (!change) co_return unavailable(context, change.error());
  if (!*change) co_return std::move(change->error());
  const auto& [session, form] = **change;
  const auto id = key_named(form.fields);
  const std::string label = field_of(form.fields, "label");
  if (session.assurance < Assurance::kSecondFactor) co_return problem_page(context, 403);
  if (!id || !authn::is_key_label(label)) co_return problem_page(context, 400);
  const Changer changer = changer_of(context, session);
  const Shared& shared = context.loop.shared();
  Notice::Kind outcome = Notice::Kind::kFormExpired;
  const store::CommitLane::Job job = [&](store::Store& store) -> Result<void> {
    const Instant now = shared.clock.now();
    // By its name the desk knows which one to take away.
    const auto user = authn::person_who_may(store, changer.session, authn::KeyChange::kRemove,
                                            shared.policy, now);
    if (!user) return fail(user.error());
    if (!*user) {
      outcome = Notice::Kind::kFreshFactorNeeded;
      return {};
    }
    const auto renamed = authn::rename_key(store, **user, *id, label, changer.actor, now);
    if (!renamed) return fail(renamed.error());
    if (*renamed) outcome = Notice::Kind::kKeyRenamed;
    return {};
  };
  const auto done = co_await context.loop.commit(job);
  if (!done) co_return unavailable(context, done.error());
  co_return home_after(context, outcome);
}

Task<Response> remove_key_of_person(RequestContext& context) {
  auto change = change_of(context);
  if (!change) co_return unavailable(context, change.error());
  if (!*change) co_return std::move(change->error());
  const auto& [session, form] = **change;
  const auto id = key_named(form.fields);
  if (session.assurance < Assurance::kSecondFactor) co_return problem_page(context, 403);
  if (!id) co_return problem_page(context, 400);
  const Changer changer = changer_of(context, session);
  const Shared& shared = context.loop.shared();
  Notice::Kind outcome = Notice::Kind::kUnavailable;
  const store::CommitLane::Job job = [&](store::Store& store) -> Result<void> {
    auto removed = remove_one(store, shared, changer, *id);
    if (!removed) return fail(removed.error());
    outcome = *removed;
    return {};
  };
  const auto done = co_await context.loop.commit(job);
  if (!done) co_return unavailable(context, done.error());
  if (outcome == Notice::Kind::kFreshFactorNeeded) {
    co_return shown(context, prove_again(context, session, kKeysPath));
  }
  co_return home_after(context, outcome);
}

}  // namespace sekisho::gateway
