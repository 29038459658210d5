#include "authn/login.h"

#include <algorithm>

#include "authn/code_login.h"
#include "authn/factors/password.h"
#include "authn/keys.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/json_text.h"

namespace sekisho::authn {
namespace {

std::string_view event_of(Factor factor) {
  switch (factor) {
    case Factor::kPassword:
      return "login_password";
    case Factor::kTotp:
      return "login_totp";
    case Factor::kRecovery:
      return "login_recovery";
    case Factor::kSecurityKey:
      return "login_security_key";
    case Factor::kEnrolmentCode:
      return "login_enrolment_code";
  }
  return "login_password";
}

Result<bool> spend_ticket(store::Store& store, const Presented& presented, Instant now) {
  if (!presented.key || !presented.key->ticket) return true;
  const PresentedKey::Ticket& ticket = *presented.key->ticket;
  if (ticket.expires_at <= now) return false;
  return store.spent_logins().spend(ticket.hash, ticket.expires_at);
}

}  // namespace

Login::Login(const Policy& policy, const Keyring& keyring, Random& random)
    : policy_(policy),
      keyring_(keyring),
      random_(random),
      throttle_(policy.throttle),
      unknown_key_(unknown_user_key(keyring)),
      decoy_hash_(decoy_password_hash()) {}

std::string Login::subject(const Claim& claim, const std::optional<store::User>& user) const {
  return user ? subject_of(user->id)
              : subject_of_unknown(claim.claimed_user, unknown_key_.reveal());
}

Attempt Login::attempt_of(const Claim& claim, const std::optional<store::User>& user,
                          Factor factor) const {
  Attempt attempt{subject(claim, user), factor, claim.source};
  if (user && policy_.privileged.covers(user->groups)) {
    attempt.lock_after = policy_.privileged.lock_after;
  }
  return attempt;
}

// At a terminal nobody asks again for what is missing, as the portal does.
Claim Login::held_to(const Claim& claim, const std::optional<store::User>& user) const {
  Claim held = claim;
  if (claim.terminal && user) held.require = policy_.privileged.raised(claim.require, user->groups);
  return held;
}

// `prepared` with what may have changed while compute ran: a user disabled or removed meanwhile,
// or a password set anew, must not be granted.
Result<Prepared> Login::as_it_stands(store::Store& store, const Prepared& prepared) const {
  Prepared current = prepared;
  if (!prepared.user) return current;
  auto user = store.users().find(prepared.user->id);
  if (!user) return fail(user.error());
  current.user = std::move(*user);
  if (prepared.password_matches) {
    const auto password = store.users().password(prepared.user->id);
    if (!password) return fail(password.error());
    current.password_matches = *password && (*password)->hash == prepared.password_hash;
  }
  return current;
}

Result<Verdict> Login::judge_password(store::Store& store, const Prepared& prepared,
                                      Instant now) const {
  if (prepared.refused) return *prepared.refused;
  if (!prepared.user) return denied(Reason::kUnknownUser);
  if (!prepared.has_password) return denied(Reason::kNoPassword);
  if (!prepared.password_matches) return denied(Reason::kWrongPassword);
  if (!prepared.user->is_enabled) return denied(Reason::kUserDisabled);
  if (auto done = throttle_.succeed(store, *prepared.password_attempt, now); !done) {
    return fail(done.error());
  }
  return granted();
}

Result<Verdict> Login::judge_recovery(store::Store& store, const Prepared& prepared,
                                      Instant now) const {
  if (!prepared.user) return denied(Reason::kNoCredential);
  const Result<bool> is_new =
      store.recovery_codes().consume(prepared.user->id, prepared.recovery_hash, now);
  if (!is_new) return fail(is_new.error());
  return *is_new ? granted() : denied(Reason::kWrongCode);
}

Result<Verdict> Login::judge_key(store::Store& store, const Claim& claim, const Prepared& prepared,
                                 const Presented& presented, Instant now, JudgedKey& key) const {
  const bool is_privileged = prepared.user && policy_.privileged.covers(prepared.user->groups);
  const KeyDoor door = door_of(claim, presented, policy_.security_keys, is_privileged);
  auto judged =
      judge_security_key(store, policy_.security_keys, prepared.user, *presented.key, door, now);
  if (!judged) return fail(judged.error());
  key = std::move(*judged);
  return key.verdict;
}

// Counted against the source alone: rows in the log must cost something, and a key's name, which
// is no secret, must not lock its person out.
Result<Verdict> Login::refuse_by_source(store::Store& store, const Claim& claim, Reason reason,
                                        Instant now) const {
  const auto slowed = throttle_.admit_source(store, claim.source, now);
  if (!slowed) return fail(slowed.error());
  if (!*slowed) return denied(reason);
  Verdict verdict = **slowed;
  verdict.is_of_source = true;
  return verdict;
}

Result<Verdict> Login::judge_second_factor(store::Store& store, const Claim& claim,
                                           const Prepared& prepared, const Presented& presented,
                                           Instant now, JudgedKey& key) const {
  const Factor factor = *presented.second_factor;
  // Shown once, the challenge is gone, whatever comes of it.
  const Result<bool> is_first = spend_ticket(store, presented, now);
  if (!is_first) return fail(is_first.error());
  const auto objection = *is_first ? objection_to(claim, presented, policy_.security_keys)
                                   : std::optional(Reason::kCeremonyGone);
  if (objection) return refuse_by_source(store, claim, *objection, now);
  if (is_passwordless(claim, presented)) {
    auto verdict = judge_key(store, claim, prepared, presented, now, key);
    if (!verdict) return verdict;
    if (verdict->is_granted() && !prepared.user->is_enabled) {
      verdict = denied(Reason::kUserDisabled);
    }
    // A signature is not guessed, so a neighbour's failures keep nobody out.
    if (verdict->is_granted()) return verdict;
    return refuse_by_source(store, claim, verdict->reason, now);
  }
  Attempt attempt = attempt_of(claim, prepared.user, factor);
  if (factor == Factor::kRecovery) {
    if (prepared.recovery_refused) return *prepared.recovery_refused;
    if (!prepared.recovery_attempt) return denied(Reason::kNoCode);  // not prepared
    attempt = *prepared.recovery_attempt;
  } else {
    const auto refused = throttle_.admit(store, attempt, now);
    if (!refused) return fail(refused.error());
    if (*refused) return **refused;
  }
  if (prepared.user && !prepared.user->is_enabled) return denied(Reason::kUserDisabled);
  const Result<Verdict> verdict = [&]() -> Result<Verdict> {
    switch (factor) {
      case Factor::kTotp:
        return judge_totp(store, policy_.totp, prepared.user, presented.code.reveal_text(), now);
      case Factor::kRecovery:
        return judge_recovery(store, prepared, now);
      case Factor::kEnrolmentCode:
        return judge_enrolment_code(store, keyring_, prepared.user, presented.code.reveal_text(),
                                    now);
      case Factor::kSecurityKey:
        return judge_key(store, claim, prepared, presented, now, key);
      case Factor::kPassword:
        break;
    }
    return denied(Reason::kNotEnough);
  }();
  if (!verdict) return fail(verdict.error());
  if (verdict->is_granted()) {
    if (auto done = throttle_.succeed(store, attempt, now); !done) return fail(done.error());
  }
  return *verdict;
}

Result<void> Login::write_down(store::Store& store, const Claim& claim, const Prepared& prepared,
                               Factor factor, const Verdict& verdict, Instant now,
                               const JudgedKey& key) const {
  JsonObject detail;
  detail.add("reason", name_of(verdict.reason)).add("place", claim.place);
  if (claim.terminal && claim.terminal->seat) detail.add("address", claim.terminal->seat->text());
  key.describe(detail);
  if (verdict.outcome == Outcome::kLocked) {
    const Attempt attempt = attempt_of(claim, prepared.user, factor);
    const auto refusals = verdict.is_of_source
                              ? throttle_.source_refusals_to_tell(store, claim.source, now)
                              : throttle_.refusals_to_tell(store, attempt, now);
    if (!refusals) return fail(refusals.error());
    if (!*refusals) return {};
    detail.add("refusals", **refusals);
  }
  if (verdict.retry_at) detail.add("retry_at", rfc3339(*verdict.retry_at));
  if (!prepared.user) {
    // Not the claimed name itself: people type passwords into that field.
    const Digest digest = hmac_sha256(unknown_key_.reveal(), as_bytes(claim.claimed_user));
    detail.add("claimed", hex_of(ByteView(digest).first(8)));
  }
  const std::string who = prepared.user ? "user:" + prepared.user->name : "unknown";
  // Whoever only named a key has not come near its person.
  if (prepared.user && !verdict.is_granted() && !claim.claimed_user.empty()) {
    if (auto done = store.users().note_failure(prepared.user->id); !done) return done;
  }
  return store.audit_log().append(
      {std::string(event_of(factor)), std::string(name_of(verdict.outcome)), who, who, claim.source,
       detail.text()},
      now);
}

Result<bool> Login::is_terminal_ours(store::Store& store, const Claim& claim) const {
  if (!claim.terminal) return true;
  const auto terminal = store.terminals().find(claim.terminal->id);
  if (!terminal) return fail(terminal.error());
  return *terminal && (*terminal)->joined_at && !(*terminal)->revoked_at &&
         (*terminal)->generation == claim.terminal->generation;
}

Result<LoginResult> Login::refuse_terminal(store::Store& store, const Claim& claim,
                                           const Prepared& prepared, const Presented& presented,
                                           Instant now) const {
  LoginResult refused;
  refused.verdict = denied(Reason::kTerminalGone);
  const Factor factor =
      presented.password ? Factor::kPassword : presented.second_factor.value_or(Factor::kPassword);
  if (auto done = write_down(store, claim, prepared, factor, refused.verdict, now); !done) {
    return fail(done.error());
  }
  return refused;
}

Result<void> Login::take_seat(store::Store& store, const Claim& claim, store::UserId user,
                              Instant now) const {
  if (!claim.terminal) return {};
  if (claim.terminal->is_from_afar) return store.seats().leave(user, claim.terminal->id);
  if (!claim.terminal->seat) return {};
  return store.seats().take(
      user, {claim.terminal->id, claim.terminal->generation, claim.terminal->seat->text()}, now);
}

Result<LoginResult> Login::decide(store::Store& store, const Claim& asked, const Prepared& earlier,
                                  const Presented& presented, Instant now) const {
  const Result<Prepared> current = as_it_stands(store, earlier);
  if (!current) return fail(current.error());
  const Prepared& prepared = *current;
  const Claim claim = held_to(asked, prepared.user);
  const Result<bool> is_ours = is_terminal_ours(store, claim);
  if (!is_ours) return fail(is_ours.error());
  if (!*is_ours) return refuse_terminal(store, claim, prepared, presented, now);
  LoginResult result;
  result.factors = claim.proven_factors;
  if (presented.password) {
    const Result<Verdict> verdict = judge_password(store, prepared, now);
    if (!verdict) return fail(verdict.error());
    if (auto done = write_down(store, claim, prepared, Factor::kPassword, *verdict, now); !done) {
      return fail(done.error());
    }
    result.verdict = *verdict;
    result.factors = verdict->is_granted() ? name_of(Factor::kPassword) : std::string_view();
  }
  // A second factor is looked at only beside a first, or where it is both.
  const Proof first = proof_of(result.factors);
  const bool has_first = first.knowledge || first.user_verified;
  if (presented.second_factor && (has_first || is_passwordless(claim, presented))) {
    JudgedKey key;
    const Result<Verdict> verdict =
        judge_second_factor(store, claim, prepared, presented, now, key);
    if (!verdict) return fail(verdict.error());
    if (auto done =
            write_down(store, claim, prepared, *presented.second_factor, *verdict, now, key);
        !done) {
      return fail(done.error());
    }
    result.verdict = *verdict;
    result.is_clone_suspected = key.is_suspected;
    const std::string_view shown =
        key.is_user_verified ? kVerifiedKeyFactor : name_of(*presented.second_factor);
    Proof proof = proof_of(shown);
    proof.knowledge = proof.knowledge || first.knowledge;
    result.shown = assurance_of(proof).value_or(Assurance::kPassword);
    // An enrolment code's right is for whoever has nothing else, and renewed by nothing.
    if (*presented.second_factor != Factor::kEnrolmentCode) {
      result.factors = without_factor(result.factors, name_of(Factor::kEnrolmentCode));
    }
    result.factors = with_factor(result.factors, shown);
  }
  if (prepared.recovery_attempt && !has_first) {
    // Nobody looked at the code: it was no attempt.
    if (auto done = throttle_.withdraw(store, *prepared.recovery_attempt); !done) {
      return fail(done.error());
    }
  }
  const std::optional<Assurance> assurance = assurance_of(proof_of(result.factors));
  if (!result.verdict.is_granted() || !prepared.user || !assurance || *assurance < claim.require) {
    if (result.verdict.is_granted()) result.verdict = denied(Reason::kNotEnough);
    LoginResult refused;
    refused.verdict = result.verdict;
    refused.is_clone_suspected = result.is_clone_suspected;
    return refused;
  }
  result.user = prepared.user;
  result.assurance = *assurance;
  const auto before = assurance_of(proof_of(claim.proven_factors));
  const bool is_new = !before || *before < Assurance::kSecondFactor;
  if (result.assurance >= Assurance::kSecondFactor && is_new) {
    auto noted = store.users().note_login(prepared.user->id, claim.source + " " + claim.place, now);
    if (!noted) return fail(noted.error());
  }
  if (result.assurance >= Assurance::kSecondFactor) {
    if (auto done = take_seat(store, claim, prepared.user->id, now); !done) {
      return fail(done.error());
    }
  }
  return result;
}

}  // namespace sekisho::authn
