#include "authn/code_login.h"

#include "authn/drift.h"
#include "authn/enrolment_code.h"
#include "authn/factors/totp.h"

namespace sekisho::authn {
namespace {

TotpParameters parameters_of(const store::TotpCredential& credential) {
  return {totp_algorithm(credential.algorithm).value_or(TotpAlgorithm::kSha1), credential.digits,
          credential.period};
}

}  // namespace

Result<Verdict> judge_totp(store::Store& store, const TotpPolicy& policy,
                           const std::optional<store::User>& user, std::string_view code,
                           Instant now) {
  const std::string typed = normalized_code(code);
  std::vector<store::TotpCredential> credentials;
  if (user) {
    auto found = store.totp_credentials().list(user->id);
    if (!found) return fail(found.error());
    credentials = std::move(*found);
    std::erase_if(credentials, [](const auto& credential) { return !credential.confirmed_at; });
  }
  if (credentials.empty()) return denied(Reason::kNoCredential);

  Reason reason = Reason::kWrongCode;
  for (const store::TotpCredential& credential : credentials) {
    const Result<Secret> seed = store.totp_credentials().secret(credential.id);
    if (!seed) return fail(seed.error());
    const TotpParameters parameters = parameters_of(credential);
    const std::int64_t current = time_step(parameters, now);
    const auto step =
        match_totp(seed->reveal(), parameters,
                   {current + credential.drift.steps, policy.window, policy.window}, typed);
    if (!step) return fail(step.error());
    if (!*step) continue;
    const store::Drift drift =
        learnt_drift(credential.drift, static_cast<int>(**step - current), policy.drift_most);
    const Result<bool> is_new =
        store.totp_credentials().consume_step(credential.id, **step, drift, now);
    if (!is_new) return fail(is_new.error());
    if (*is_new) return granted();
    reason = Reason::kCodeUsed;
  }
  return denied(reason);
}

Result<Verdict> judge_enrolment_code(store::Store& store, const Keyring& keyring,
                                     const std::optional<store::User>& user, std::string_view code,
                                     Instant now) {
  if (!user) return denied(Reason::kNoCredential);
  const auto key_id = store.enrolment_codes().key_id(user->id);
  if (!key_id) return fail(key_id.error());
  if (!*key_id) return denied(Reason::kWrongCode);
  const Result<Digest> hash = enrolment_code_hash(keyring, **key_id, user->id, code);
  if (!hash) return fail(hash.error());
  const Result<bool> is_good = store.enrolment_codes().consume(user->id, *hash, now);
  if (!is_good) return fail(is_good.error());
  return *is_good ? granted() : denied(Reason::kWrongCode);
}

}  // namespace sekisho::authn
