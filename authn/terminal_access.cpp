#include "authn/terminal_access.h"

#include "authn/throttle.h"
#include "base/encoding.h"
#include "base/json_text.h"

namespace sekisho::authn {

Secret new_join_token(Random& random) {
  const Secret bytes(random.bytes(16));
  std::string text = base32_of(bytes.reveal());
  Secret token{std::string_view(text)};
  wipe(text);
  return token;
}

Digest join_token_hash(std::string_view typed) {
  std::string text = normalized_base32(typed.substr(0, 128));
  const Digest digest = sha256(text);
  wipe(text);
  return digest;
}

namespace {

Result<void> write_down_join(store::Store& store, const JoinAttempt& attempt,
                             const std::string& source, JsonObject detail, Instant now) {
  const std::string who = attempt.terminal ? "terminal:" + attempt.terminal->name : "unknown";
  return store.audit_log().append({"terminal_join", std::string(name_of(attempt.verdict.outcome)),
                                   who, who, source, detail.text()},
                                  now);
}

}  // namespace

Result<JoinAttempt> join_terminal(store::Store& store, const ThrottlePolicy& policy,
                                  std::string_view token, const std::string& source, Instant now) {
  const Throttle throttle(policy);
  const auto refused = throttle.admit_source(store, source, now);
  if (!refused) return fail(refused.error());
  JoinAttempt attempt;
  JsonObject detail;
  if (*refused) {
    attempt.verdict = **refused;
    const auto refusals = throttle.source_refusals_to_tell(store, source, now);
    if (!refusals) return fail(refusals.error());
    if (!*refusals) return attempt;
    detail.add("refusals", **refusals);
  } else {
    auto terminal = store.terminals().join(join_token_hash(token), now);
    if (!terminal) return fail(terminal.error());
    attempt.terminal = *std::move(terminal);
    attempt.verdict = {Outcome::kDenied, Reason::kNoCredential, std::nullopt};
  }
  if (attempt.terminal) {
    attempt.verdict = {Outcome::kGranted, Reason::kProven, std::nullopt};
    detail.add("generation", attempt.terminal->generation);
    if (auto done = throttle.take_back_source(store, source); !done) return fail(done.error());
  }
  if (auto written = write_down_join(store, attempt, source, detail, now); !written) {
    return fail(written.error());
  }
  return attempt;
}

Result<BegunLogin> begin_terminal_login(const Keyring& keyring, Random& random,
                                        const Policy& policy, store::TerminalId terminal,
                                        TerminalLogin login, Instant now) {
  const Assurance required = policy.terminal.required_by(login.service);
  BegunLogin begun;
  begun.factors = {Factor::kPassword};
  if (login.remote_host.empty()) begun.factors.push_back(Factor::kSecurityKey);
  if (required < Assurance::kSecurityKey) {
    begun.factors.insert(begun.factors.end(), {Factor::kTotp, Factor::kRecovery});
  }
  begun.verifies_user =
      policy.security_keys.requires_user_verification || required == Assurance::kVerifiedKey;
  const PrivilegedPolicy& privileged = policy.privileged;
  // An agent that says who sits there also knows the word.
  begun.prefers_verification = login.is_seated && !begun.verifies_user &&
                               !privileged.groups.empty() &&
                               privileged.require == Assurance::kVerifiedKey;
  LoginTicket ticket{terminal, now + policy.terminal.transaction_life, {}, std::move(login)};
  auto text = issue_ticket(keyring, random, ticket);
  if (!text) return fail(text.error());
  begun.ticket = std::move(*text);
  begun.challenge = std::move(ticket.challenge);
  return begun;
}

Result<std::optional<LoginTicket>> take_terminal_login(store::Store& store, const Keyring& keyring,
                                                       std::string_view text,
                                                       store::TerminalId terminal, Instant now) {
  std::optional<LoginTicket> ticket = read_ticket(keyring, text);
  if (!ticket || ticket->terminal != terminal || ticket->expires_at <= now) {
    return std::optional<LoginTicket>();
  }
  const auto is_first = store.spent_logins().spend(sha256(text), ticket->expires_at);
  if (!is_first) return fail(is_first.error());
  if (!*is_first) ticket.reset();
  return ticket;
}

}  // namespace sekisho::authn
