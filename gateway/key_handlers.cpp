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

// Whoever may not change keys now is asked for a factor, and comes back to adding one.
Result<Response> prove_again(RequestContext& context, const authn::LiveSession& session) {
  if (session.assurance < Assurance::kSecondFactor) {
    return second_factor_page(context, 200, session, kAddKeyPath, std::nullopt);
  }
  return second_factor_page(context, 200, session, kAddKeyPath,
                            Notice{Notice::Kind::kFreshFactorNeeded});
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

// Spends the challenge and binds the key, in one transaction: the notice to show.
Result<Notice::Kind> bind_answer(store::Store& store, const RequestContext& context,
                                 const authn::LiveSession& session, const FormTicket& ticket,
                                 const FormFields& fields) {
  const Shared& shared = context.loop.shared();
  const Instant now = shared.clock.now();
  const auto is_first =
      store.spent_logins().spend(ticket.to_spend.hash, ticket.to_spend.expires_at);
  if (!is_first) return fail(is_first.error());
  if (!*is_first) return Notice::Kind::kCeremonyExpired;
  const auto user = store.users().find(session.user->id);
  if (!user) return fail(user.error());
  if (!*user || !(*user)->is_enabled) return Notice::Kind::kKeyRefused;

  const auto client_data = bytes_from_base64url(field_of(fields, "client_data"));
  const auto object = bytes_from_base64url(field_of(fields, "attestation_object"));
  if (!client_data || !object) return Notice::Kind::kKeyRefused;
  const std::vector<std::string> origins = {context.site->settings.portal_origin()};
  const authn::SecurityKeyPolicy& policy = shared.policy.security_keys;
  authn::ExpectedRegistration expected;
  expected.rp_id = policy.rp_id;
  expected.origins = origins;
  expected.challenge = ticket.ticket.challenge;
  expected.requires_user_verification = policy.requires_user_verification;
  expected.allows_syncable = policy.allows_syncable;
  expected.anchors = context.site->anchors.get();
  expected.now = now;
  auto verified = authn::verify_registration(expected, {*client_data, *object});
  const authn::Actor actor = actor_at_portal(context, session);
  if (!verified) {
    const auto written =
        store.audit_log().append({"key_add", "denied", actor.name, actor.name, actor.source,
                                  JsonObject().add("reason", name_of(verified.error())).text()},
                                 now);
    if (!written) return fail(written.error());
    return notice_of(verified.error());
  }
  const auto bound = authn::bind_key(
      store, policy, **user,
      {field_of(fields, "label"), field_of(fields, "transports"), std::move(*verified)}, actor,
      now);
  if (!bound) return fail(bound.error());
  return *bound ? Notice::Kind::kKeyAdded : notice_of(bound->error());
}

// A key that the form names by its number.
std::optional<store::SecurityKeyId> key_named(const FormFields& fields) {
  const auto number = parse_unsigned(field_of(fields, "key"));
  if (!number || *number > static_cast<unsigned long long>(INT64_MAX)) return std::nullopt;
  return store::SecurityKeyId{static_cast<std::int64_t>(*number)};
}

// Removes the key, but not the last thing the person can sign in with.
Result<Notice::Kind> remove_one(store::Store& store, const RequestContext& context,
                                const authn::LiveSession& session, store::SecurityKeyId id) {
  const auto keys = store.security_keys().list(session.user->id);
  if (!keys) return fail(keys.error());
  const auto tokens = store.totp_credentials().list(session.user->id);
  if (!tokens) return fail(tokens.error());
  const bool has_token = std::ranges::any_of(
      *tokens, [](const store::TotpCredential& token) { return token.confirmed_at.has_value(); });
  if (keys->size() <= 1 && !has_token) return Notice::Kind::kLastSecondFactor;
  const auto removed =
      authn::remove_key(store, user_of(session), id, session.id, actor_at_portal(context, session),
                        context.loop.shared().clock.now());
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
  if (!may_add_key(context, current)) co_return shown(context, prove_again(context, current));
  const auto handle = co_await handle_of(context, current.user->id);
  if (!handle) co_return unavailable(context, handle.error());
  std::optional<Notice> notice;
  if (!may_change_keys(context, current)) notice = Notice{Notice::Kind::kEnrolmentReady};
  co_return shown(context, add_key_page(context, 200, current, *handle, "", notice));
}

Task<Response> add_key(RequestContext& context) {
  auto change = change_of(context);
  if (!change) co_return unavailable(context, change.error());
  if (!*change) co_return std::move(change->error());
  const auto& [session, form] = **change;
  if (!may_add_key(context, session)) co_return shown(context, prove_again(context, session));
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
  Notice::Kind outcome = Notice::Kind::kUnavailable;
  const store::CommitLane::Job job = [&](store::Store& store) -> Result<void> {
    auto bound = bind_answer(store, context, session, *ticket, form.fields);
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
  const store::CommitLane::Job job = [&](store::Store& store) -> Result<void> {
    const auto renamed =
        authn::rename_key(store, user_of(session), *id, label, actor_at_portal(context, session),
                          context.loop.shared().clock.now());
    return renamed ? Result<void>() : fail(renamed.error());
  };
  const auto done = co_await context.loop.commit(job);
  if (!done) co_return unavailable(context, done.error());
  co_return home_after(context, Notice::Kind::kKeyRenamed);
}

Task<Response> remove_key_of_person(RequestContext& context) {
  auto change = change_of(context);
  if (!change) co_return unavailable(context, change.error());
  if (!*change) co_return std::move(change->error());
  const auto& [session, form] = **change;
  const auto id = key_named(form.fields);
  if (session.assurance < Assurance::kSecondFactor) co_return problem_page(context, 403);
  if (!id) co_return problem_page(context, 400);
  if (!may_change_keys(context, session)) {
    co_return shown(context, second_factor_page(context, 200, session, "/",
                                                Notice{Notice::Kind::kFreshFactorNeeded}));
  }
  Notice::Kind outcome = Notice::Kind::kUnavailable;
  const store::CommitLane::Job job = [&](store::Store& store) -> Result<void> {
    auto removed = remove_one(store, context, session, *id);
    if (!removed) return fail(removed.error());
    outcome = *removed;
    return {};
  };
  const auto done = co_await context.loop.commit(job);
  if (!done) co_return unavailable(context, done.error());
  co_return home_after(context, outcome);
}

}  // namespace sekisho::gateway
