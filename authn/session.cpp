#include "authn/session.h"

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "base/json_text.h"

namespace sekisho::authn {
namespace {

struct Limits {
  std::chrono::milliseconds idle;
  std::chrono::milliseconds absolute;
};

// A proven password waits a while for the second factor, and is no session before.
Limits limits_for(const SessionPolicy& policy, Assurance assurance) {
  if (assurance == Assurance::kPassword) return {policy.pending, policy.pending};
  return {policy.idle, policy.absolute};
}

}  // namespace

std::optional<Digest> token_hash(std::string_view token) {
  if (token.size() != kTokenCharacters) return std::nullopt;
  const bool is_base64url = std::all_of(token.begin(), token.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  if (!is_base64url) return std::nullopt;
  return sha256(token);
}

std::string form_token(std::string_view token) {
  return base64url_of(hmac_sha256(as_bytes(token), as_bytes("sekisho form v1")));
}

Result<OpenedSession> open_session(store::Store& store, Random& random, const Policy& policy,
                                   const LoginResult& login, std::string_view source,
                                   std::optional<store::SessionId> previous, Instant now) {
  if (!login.verdict.is_granted() || !login.user) {
    return fail(ErrorCode::kDenied, "a session is opened only for a granted login");
  }
  std::optional<store::Session> raised;
  if (previous) {
    auto found = store.sessions().find(*previous);
    if (!found) return fail(found.error());
    raised = std::move(*found);
    if (raised && raised->user != login.user->id) {
      return fail(ErrorCode::kDenied, "the session to be raised is somebody else's");
    }
    const Result<bool> ended = store.sessions().end(*previous, "raised", now);
    if (!ended) return fail(ended.error());
    // Two answers to one page must not open two sessions from one password.
    if (!*ended) return fail(ErrorCode::kConflict, "the session to be raised had ended");
  }
  const Limits limits = limits_for(policy.session_of(login.user->groups), login.assurance);
  OpenedSession opened;
  opened.token = Secret(base64url_of(random.bytes(32)));
  opened.expires_at = now + limits.absolute;

  store::Session session;
  session.token_hash = sha256(opened.token.reveal());
  session.user = login.user->id;
  session.assurance = static_cast<int>(login.assurance);
  session.factors = login.factors;
  session.source = source;
  session.created_at = now;
  session.last_seen_at = now;
  session.idle_limit = limits.idle;
  session.expires_at = opened.expires_at;
  session.previous_login_at = login.user->last_login_at;
  session.previous_login_from = login.user->last_login_from;
  session.failures_before = login.user->failures_since;
  ProvenAt proven;
  if (raised) proven = {raised->second_factor_at, raised->security_key_at, raised->verified_key_at};
  proven.note(login.shown, now);
  session.second_factor_at = proven.second_factor;
  session.security_key_at = proven.security_key;
  session.verified_key_at = proven.verified_key;
  if (raised && raised->assurance >= static_cast<int>(Assurance::kSecondFactor)) {
    // One factor more, or again: the same sign-in goes on, and ends when it would have.
    session.expires_at = opened.expires_at = std::min(opened.expires_at, raised->expires_at);
    session.previous_login_at = raised->previous_login_at;
    session.previous_login_from = raised->previous_login_from;
    session.failures_before = raised->failures_before;
  }
  const Result<store::SessionId> id = store.sessions().add(session);
  if (!id) return fail(id.error());
  opened.id = *id;
  JsonObject detail;
  detail.add("session", id->value).add("factors", login.factors);
  if (previous) detail.add("raised_from", previous->value);
  const std::string who = "user:" + login.user->name;
  const auto written = store.audit_log().append(
      {"session_start", "done", who, who, std::string(source), detail.text()}, now);
  if (!written) return fail(written.error());
  return opened;
}

Result<int> shorten_sessions(store::Store& store, const Policy& policy,
                             std::optional<store::UserId> user, Instant now) {
  const SessionPolicy strictest = policy.session_of(policy.privileged.groups);
  const auto sessions = user
                            ? store.sessions().live_of(*user, now)
                            : store.sessions().longer_than(strictest.idle, strictest.absolute, now);
  if (!sessions) return fail(sessions.error());
  std::map<store::UserId, SessionPolicy> limits_of;
  int shortened = 0;
  for (const store::Session& session : *sessions) {
    auto known = limits_of.find(session.user);
    if (known == limits_of.end()) {
      const auto owner = store.users().find(session.user);
      if (!owner) return fail(owner.error());
      const auto groups = *owner ? (*owner)->groups : std::vector<std::string>();
      known = limits_of.emplace(session.user, policy.session_of(groups)).first;
    }
    const Limits most = limits_for(known->second, static_cast<Assurance>(session.assurance));
    const auto idle = std::min(session.idle_limit, most.idle);
    const Instant end = std::min(session.expires_at, session.created_at + most.absolute);
    if (idle == session.idle_limit && end == session.expires_at) continue;
    if (auto done = store.sessions().set_limits(session.id, idle, end); !done) {
      return fail(done.error());
    }
    ++shortened;
  }
  return shortened;
}

Result<bool> end_session(store::Store& store, const store::User& user, store::SessionId session,
                         std::string_view reason, std::string_view source, Instant now) {
  const auto found = store.sessions().find(session);
  if (!found) return fail(found.error());
  if (!*found || (*found)->user != user.id) return false;
  const Result<bool> ended = store.sessions().end(session, reason, now);
  if (!ended) return fail(ended.error());
  if (!*ended) return false;
  const auto written = store.audit_log().append(
      {"session_end", "done", "user:" + user.name, "user:" + user.name, std::string(source),
       JsonObject().add("session", session.value).add("reason", reason).text()},
      now);
  if (!written) return fail(written.error());
  return true;
}

Result<int> end_overdue_sessions(store::Store& store, int most, Instant settled, Instant now) {
  const auto overdue = store.sessions().overdue(settled, most);
  if (!overdue) return fail(overdue.error());
  for (const store::Session& session : *overdue) {
    const std::string_view reason = session.expires_at <= settled ? "expired" : "idle";
    const auto ended = store.sessions().end(session.id, reason, now);
    if (!ended) return fail(ended.error());
    const auto owner = store.users().find(session.user);
    if (!owner) return fail(owner.error());
    const auto written = store.audit_log().append(
        {"session_end", "done", "gateway", "user:" + (*owner ? (*owner)->name : std::string()),
         "gateway", JsonObject().add("session", session.id.value).add("reason", reason).text()},
        now);
    if (!written) return fail(written.error());
  }
  return static_cast<int>(overdue->size());
}

}  // namespace sekisho::authn
