#include "authn/enrollment.h"

#include "authn/drift.h"
#include "authn/enrolment_code.h"
#include "authn/factors/recovery_code.h"
#include "authn/keys.h"
#include "authn/throttle.h"
#include "base/digest.h"
#include "base/json_text.h"
#include "base/text.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kSeedLeast = 16;
constexpr std::size_t kSeedMost = 128;

TotpParameters parameters_of(const store::TotpCredential& credential) {
  return {totp_algorithm(credential.algorithm).value_or(TotpAlgorithm::kSha1), credential.digits,
          credential.period};
}

const char* objection_to(const Enrollment::NewTotp& totp) {
  if (totp.label.size() > 64 || !is_utf8(totp.label) || has_control_characters(totp.label)) {
    return "a label must be UTF-8 without control characters, at most 64 bytes";
  }
  if (totp.parameters.digits != 6 && totp.parameters.digits != 8) return "digits must be 6 or 8";
  if (totp.parameters.period < 1 || totp.parameters.period > 120) {
    return "the period must be 1 to 120 seconds";
  }
  if (totp.seed && (totp.seed->size() < kSeedLeast || totp.seed->size() > kSeedMost)) {
    return "a seed must have 128 to 1024 bits";
  }
  return nullptr;
}

JsonObject describe(const store::TotpCredential& credential) {
  return JsonObject().add("credential", credential.id.value).add("label", credential.label);
}

}  // namespace

Result<void> Enrollment::write_down(std::string_view event, store::UserId user,
                                    std::string detail) {
  const auto owner = office_.store.users().find(user);
  if (!owner) return fail(owner.error());
  const std::string subject = "user:" + (*owner ? (*owner)->name : std::string());
  return office_.store.audit_log().append(
      {std::string(event), "done", office_.actor, subject, "console", std::move(detail)},
      office_.clock.now());
}

Result<store::TotpCredential> Enrollment::credential(store::TotpCredentialId id) {
  auto found = office_.store.totp_credentials().find(id);
  if (!found) return fail(found.error());
  if (!*found) {
    return fail(ErrorCode::kNotFound, "there is no TOTP credential " + std::to_string(id.value));
  }
  return **std::move(found);
}

Result<Enrollment::AddedTotp> Enrollment::add_totp(std::string_view user, NewTotp totp) {
  if (const char* objection = objection_to(totp); objection != nullptr) {
    return fail(ErrorCode::kInvalid, objection);
  }
  Secret seed = totp.seed ? totp.seed->clone()
                          : Secret(office_.random.bytes(seed_bytes(totp.parameters.algorithm)));
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto owner = Administration(office_).user(user);
  if (!owner) return fail(owner.error());
  const store::NewTotpCredential row{owner->id,
                                     totp.label,
                                     std::string(name_of(totp.parameters.algorithm)),
                                     totp.parameters.digits,
                                     totp.parameters.period,
                                     totp.is_confirmed};
  const auto id = office_.store.totp_credentials().add(row, seed, office_.clock.now());
  if (!id) return fail(id.error());
  if (totp.is_confirmed) {
    if (auto lifted = forget_failures(office_.store, owner->id, Factor::kTotp); !lifted) {
      return fail(lifted.error());
    }
  }
  const auto written = write_down("totp_add", owner->id,
                                  JsonObject()
                                      .add("credential", id->value)
                                      .add("label", row.label)
                                      .add("algorithm", row.algorithm)
                                      .add("digits", static_cast<std::int64_t>(row.digits))
                                      .add("period", static_cast<std::int64_t>(row.period))
                                      .add_flag("confirmed", row.is_confirmed)
                                      .text());
  if (!written) return fail(written.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return AddedTotp{*id, std::move(seed)};
}

Result<void> Enrollment::confirm_totp(store::TotpCredentialId id, std::string_view code) {
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = credential(id);
  if (!found) return fail(found.error());
  if (found->confirmed_at) return fail(ErrorCode::kConflict, "the credential is confirmed already");
  const Result<Secret> seed = office_.store.totp_credentials().secret(id);
  if (!seed) return fail(seed.error());
  const TotpParameters parameters = parameters_of(*found);
  const Instant now = office_.clock.now();
  const std::int64_t current = time_step(parameters, now);
  const int window = office_.policy.totp.window;
  const auto step =
      match_totp(seed->reveal(), parameters, {current, window, window}, normalized_code(code));
  if (!step) return fail(step.error());
  if (!*step) {
    return fail(ErrorCode::kInvalid,
                "the code is wrong: wait for the next one, check the token's clock, try again");
  }
  const auto consumed = office_.store.totp_credentials().consume_step(
      id, **step,
      learnt_drift({}, static_cast<int>(**step - current), office_.policy.totp.drift_most), now);
  if (!consumed) return fail(consumed.error());
  if (!*consumed) return fail(ErrorCode::kInvalid, "the code was used: wait for the next one");
  if (auto done = office_.store.totp_credentials().confirm(id, now); !done) return done;
  // A newly bound authenticator starts with a clean count.
  if (auto lifted = forget_failures(office_.store, found->user, Factor::kTotp); !lifted) {
    return lifted;
  }
  if (auto written = write_down("totp_confirm", found->user, describe(*found).text()); !written) {
    return written;
  }
  return transaction->commit();
}

Result<int> Enrollment::resync_totp(store::TotpCredentialId id, std::string_view first,
                                    std::string_view second) {
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = credential(id);
  if (!found) return fail(found.error());
  const Result<Secret> seed = office_.store.totp_credentials().secret(id);
  if (!seed) return fail(seed.error());
  const TotpParameters parameters = parameters_of(*found);
  const Instant now = office_.clock.now();
  const std::int64_t current = time_step(parameters, now);
  const std::string first_code = normalized_code(first);
  const std::string second_code = normalized_code(second);
  // Outwards from where the token was last seen, so that the nearest pair wins.
  std::optional<std::int64_t> pair;
  for (int distance = 0; distance <= office_.policy.totp.resync_window && !pair; ++distance) {
    for (const int side : {distance, -distance}) {
      const std::int64_t step = current + found->drift.steps + side;
      const auto earlier = match_totp(seed->reveal(), parameters, {step, 0, 0}, first_code);
      if (!earlier) return fail(earlier.error());
      const auto later = match_totp(seed->reveal(), parameters, {step + 1, 0, 0}, second_code);
      if (!later) return fail(later.error());
      if (*earlier && *later) {
        pair = step + 1;
        break;
      }
    }
  }
  if (!pair) {
    return fail(ErrorCode::kInvalid,
                "these are not two codes in a row of this token: note one, wait until it changes, "
                "note the next, and give both in that order");
  }
  const int drift = static_cast<int>(*pair - current);
  const auto consumed = office_.store.totp_credentials().consume_step(id, *pair, {drift, 0}, now);
  if (!consumed) return fail(consumed.error());
  if (!*consumed) {
    return fail(ErrorCode::kInvalid, "these codes, or later ones, were used: take two new ones");
  }
  const auto written =
      write_down("totp_resync", found->user,
                 describe(*found).add("drift", static_cast<std::int64_t>(drift)).text());
  if (!written) return fail(written.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return drift;
}

Result<std::int64_t> Enrollment::remove_totp(store::TotpCredentialId id) {
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = credential(id);
  if (!found) return fail(found.error());
  if (auto removed = office_.store.totp_credentials().remove(id); !removed) {
    return fail(removed.error());
  }
  // Whoever may have the token now may also have a session that it opened.
  const auto ended =
      office_.store.sessions().end_all_of(found->user, "credential removed", office_.clock.now());
  if (!ended) return fail(ended.error());
  const auto written =
      write_down("totp_remove", found->user, describe(*found).add("sessions_ended", *ended).text());
  if (!written) return fail(written.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return *ended;
}

Result<std::vector<Secret>> Enrollment::issue_recovery_codes(std::string_view user) {
  const store::RecoverySet set{office_.random.bytes(16), office_.keyring.current_id()};
  const Result<Secret> key = recovery_key(office_.keyring, set.key_id);
  if (!key) return fail(key.error());
  std::vector<Secret> codes;
  std::vector<Bytes> hashes;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    codes.push_back(new_recovery_code(office_.random));
    Result<Bytes> hash = hash_recovery_code(codes.back().reveal_text(), set.salt, key->reveal());
    if (!hash) return fail(hash.error());
    hashes.push_back(std::move(*hash));
  }
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto owner = Administration(office_).user(user);
  if (!owner) return fail(owner.error());
  if (auto done =
          office_.store.recovery_codes().replace(owner->id, set, hashes, office_.clock.now());
      !done) {
    return fail(done.error());
  }
  if (auto lifted = forget_failures(office_.store, owner->id, Factor::kRecovery); !lifted) {
    return fail(lifted.error());
  }
  const auto written =
      write_down("recovery_issue", owner->id,
                 JsonObject().add("codes", static_cast<std::int64_t>(kRecoveryCodes)).text());
  if (!written) return fail(written.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return codes;
}

Result<Enrollment::EnrolmentCode> Enrollment::issue_enrolment_code(std::string_view user) {
  const std::string& key_id = office_.keyring.current_id();
  EnrolmentCode issued{new_enrolment_code(office_.random),
                       office_.clock.now() + office_.policy.security_keys.enrolment};
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto owner = Administration(office_).user(user);
  if (!owner) return fail(owner.error());
  if (!owner->is_enabled) {
    return fail(ErrorCode::kInvalid, owner->name + " is disabled and cannot sign in to use a code");
  }
  const auto hash =
      enrolment_code_hash(office_.keyring, key_id, owner->id, issued.code.reveal_text());
  if (!hash) return fail(hash.error());
  if (auto set = office_.store.enrolment_codes().set(owner->id, key_id, *hash, issued.expires_at);
      !set) {
    return fail(set.error());
  }
  if (auto lifted = forget_failures(office_.store, owner->id, Factor::kEnrolmentCode); !lifted) {
    return fail(lifted.error());
  }
  const auto written =
      write_down("enrolment_code_issue", owner->id,
                 JsonObject().add("expires_at", rfc3339(issued.expires_at)).text());
  if (!written) return fail(written.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return issued;
}

}  // namespace sekisho::authn
