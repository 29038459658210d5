#include "authn/terminal_access.h"

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

Result<std::optional<store::Terminal>> join_terminal(store::Store& store, std::string_view token,
                                                     std::string_view source, Instant now) {
  auto terminal = store.terminals().join(join_token_hash(token), now);
  if (!terminal) return fail(terminal.error());
  const std::string who = *terminal ? "terminal:" + (*terminal)->name : "unknown";
  JsonObject detail;
  if (*terminal) detail.add("generation", (*terminal)->generation);
  const auto written = store.audit_log().append({"terminal_join", *terminal ? "granted" : "denied",
                                                 who, who, std::string(source), detail.text()},
                                                now);
  if (!written) return fail(written.error());
  return *std::move(terminal);
}

Result<BegunLogin> begin_terminal_login(store::Store& store, Random& random,
                                        const TerminalPolicy& policy, store::TerminalId terminal,
                                        const TerminalLogin& login, Instant now) {
  const auto waiting = store.login_transactions().count(terminal, now);
  if (!waiting) return fail(waiting.error());
  if (*waiting >= policy.transactions_most) {
    return fail(ErrorCode::kBusy, "the terminal has too many logins waiting");
  }
  BegunLogin begun;
  begun.transaction = base64url_of(random.bytes(32));
  if (policy.gateway_verifies_password) begun.factors.push_back(Factor::kPassword);
  begun.factors.push_back(Factor::kTotp);
  begun.factors.push_back(Factor::kRecovery);
  const auto added = store.login_transactions().add(
      sha256(begun.transaction), {terminal, login.claimed_user, login.service, login.tty,
                                  login.remote_host, now + policy.transaction_life});
  if (!added) return fail(added.error());
  return begun;
}

Result<std::optional<store::LoginTransaction>> take_terminal_login(store::Store& store,
                                                                   std::string_view transaction,
                                                                   store::TerminalId terminal,
                                                                   Instant now) {
  return store.login_transactions().take(sha256(transaction), terminal, now);
}

}  // namespace sekisho::authn
