#include "authn/throttle.h"

#include <algorithm>

#include "base/digest.h"

namespace sekisho::authn {
namespace {

using std::chrono::milliseconds;

// first, doubled `times`, at most `most`.
milliseconds doubled(milliseconds first, std::int64_t times, milliseconds most) {
  milliseconds block = std::min(first, most);
  for (std::int64_t i = 0; i < times && block < most; ++i) block = std::min(block * 2, most);
  return block;
}

struct Keys {
  store::AttemptKey at_source;
  store::AttemptKey everywhere;
  store::AttemptKey source;
};

Keys keys_of(const Attempt& attempt) {
  const std::string factor(name_of(attempt.factor));
  return {{attempt.subject, factor, attempt.source},
          {attempt.subject, factor, "*"},
          {"*", "*", attempt.source}};
}

Result<void> take_back_one(store::Store& store, const store::AttemptKey& key) {
  auto count = store.attempts().count(key);
  if (!count) return fail(count.error());
  if (count->failures <= 1) return store.attempts().clear(key);
  --count->failures;
  count->blocked_until = Instant();
  return store.attempts().set(key, *count);
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kGranted:
      return "granted";
    case Outcome::kDenied:
      return "denied";
    case Outcome::kLocked:
      return "locked";
  }
  return "denied";
}

std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::kProven:
      return "proven";
    case Reason::kUnknownUser:
      return "unknown_user";
    case Reason::kUserDisabled:
      return "user_disabled";
    case Reason::kWrongPassword:
      return "wrong_password";
    case Reason::kNoPassword:
      return "no_password";
    case Reason::kWrongCode:
      return "wrong_code";
    case Reason::kCodeUsed:
      return "code_used";
    case Reason::kNoCredential:
      return "no_credential";
    case Reason::kThrottled:
      return "throttled";
    case Reason::kFactorDisabled:
      return "factor_disabled";
    case Reason::kTransactionGone:
      return "transaction_gone";
  }
  return "unknown";
}

std::string subject_of(store::UserId user) {
  return "user:" + std::to_string(user.value);
}

std::string subject_of_unknown(std::string_view claimed_user, ByteView key) {
  const Digest digest = hmac_sha256(key, as_bytes(claimed_user));
  return "unknown:" + std::to_string(digest[0] * 256 + digest[1]);
}

milliseconds Throttle::block_at_source(std::int64_t failures) const {
  if (failures >= policy_.lock_after) {
    return doubled(policy_.lock_for, failures - policy_.lock_after, policy_.lock_most);
  }
  if (failures < policy_.backoff_from) return milliseconds(0);
  return doubled(policy_.backoff_first, failures - policy_.backoff_from, policy_.lock_for);
}

milliseconds Throttle::block_everywhere(std::int64_t failures) const {
  if (failures < policy_.account_backoff_from) return milliseconds(0);
  return doubled(policy_.backoff_first, failures - policy_.account_backoff_from,
                 policy_.account_backoff_most);
}

milliseconds Throttle::block_source(std::int64_t failures) const {
  if (failures < policy_.source_after) return milliseconds(0);
  return doubled(policy_.backoff_first, failures - policy_.source_after,
                 policy_.source_backoff_most);
}

Result<std::optional<Verdict>> Throttle::admit(store::Store& store, const Attempt& attempt,
                                               Instant now) const {
  const Keys keys = keys_of(attempt);
  auto at_source = store.attempts().count(keys.at_source);
  if (!at_source) return fail(at_source.error());
  auto everywhere = store.attempts().count(keys.everywhere);
  if (!everywhere) return fail(everywhere.error());
  auto source = store.attempts().count(keys.source);
  if (!source) return fail(source.error());

  if (everywhere->failures >= policy_.disable_after) {
    return Verdict{Outcome::kLocked, Reason::kFactorDisabled, std::nullopt};
  }
  const Instant blocked_until =
      std::max({at_source->blocked_until, everywhere->blocked_until, source->blocked_until});
  if (blocked_until > now) return Verdict{Outcome::kLocked, Reason::kThrottled, blocked_until};

  if (source->last_failure_at + policy_.source_window < now) source->failures = 0;
  const auto counted = [&](const store::AttemptKey& key, std::int64_t failures,
                           milliseconds block) {
    return store.attempts().set(key, {failures, now, block.count() > 0 ? now + block : Instant()});
  };
  if (auto done = counted(keys.at_source, at_source->failures + 1,
                          block_at_source(at_source->failures + 1));
      !done) {
    return fail(done.error());
  }
  if (auto done = counted(keys.everywhere, everywhere->failures + 1,
                          block_everywhere(everywhere->failures + 1));
      !done) {
    return fail(done.error());
  }
  if (auto done = counted(keys.source, source->failures + 1, block_source(source->failures + 1));
      !done) {
    return fail(done.error());
  }
  return std::optional<Verdict>();
}

Result<void> Throttle::succeed(store::Store& store, const Attempt& attempt) const {
  const Keys keys = keys_of(attempt);
  if (auto done = store.attempts().clear(keys.at_source); !done) return done;
  if (auto done = store.attempts().clear(keys.everywhere); !done) return done;
  return take_back_one(store, keys.source);
}

Result<void> Throttle::withdraw(store::Store& store, const Attempt& attempt) const {
  const Keys keys = keys_of(attempt);
  if (auto done = take_back_one(store, keys.at_source); !done) return done;
  if (auto done = take_back_one(store, keys.everywhere); !done) return done;
  return take_back_one(store, keys.source);
}

Result<void> forget_failures(store::Store& store, store::UserId user, Factor factor) {
  const auto counts = store.attempts().of_subject(subject_of(user));
  if (!counts) return fail(counts.error());
  for (const auto& [key, count] : *counts) {
    if (key.factor != name_of(factor)) continue;
    if (auto done = store.attempts().clear(key); !done) return done;
  }
  return {};
}

}  // namespace sekisho::authn
