#include "authn/throttle.h"

#include <algorithm>
#include <functional>

#include "base/digest.h"
#include "base/ip_network.h"

namespace sekisho::authn {
namespace {

using std::chrono::milliseconds;

// A locked account costs a guesser nothing: the audit log must not grow with every refusal.
constexpr milliseconds kTellRefusalsEvery{60'000};

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

// "10.1.2.3", "fd00:1:2:3::" for a host with a whole /64, or "terminal:zeimu-03".
std::string counted_source(const std::string& source) {
  const auto address = IpAddress::parse(source);
  return address ? address->owner().text() : source;
}

store::AttemptKey key_of_source(const std::string& source) {
  return {"*", "*", counted_source(source)};
}

Keys keys_of(const Attempt& attempt) {
  const std::string factor(name_of(attempt.factor));
  return {{attempt.subject, factor, counted_source(attempt.source)},
          {attempt.subject, factor, "*"},
          key_of_source(attempt.source)};
}

struct Counts {
  store::AttemptCount at_source;
  store::AttemptCount everywhere;
  store::AttemptCount source;
  bool is_known_source = false;
};

Result<Counts> counts_of(store::Store& store, const Keys& keys, const ThrottlePolicy& policy,
                         Instant now) {
  const auto at_source = store.attempts().count(keys.at_source);
  if (!at_source) return fail(at_source.error());
  const auto everywhere = store.attempts().count(keys.everywhere);
  if (!everywhere) return fail(everywhere.error());
  const auto source = store.attempts().count(keys.source);
  if (!source) return fail(source.error());
  const auto is_known =
      store.attempts().has_success_since(keys.at_source, now - policy.known_source_for);
  if (!is_known) return fail(is_known.error());
  return Counts{*at_source, *everywhere, *source, *is_known};
}

struct Block {
  Verdict verdict;
  store::AttemptKey by;
};

std::optional<Block> block_of(const Keys& keys, const Counts& counts, const ThrottlePolicy& policy,
                              Instant now) {
  // A key's signature is not guessed: failures with it only delay.
  const bool is_guessed = keys.everywhere.factor != name_of(Factor::kSecurityKey);
  if (is_guessed && counts.everywhere.failures >= policy.disable_after) {
    return Block{{Outcome::kLocked, Reason::kFactorDisabled, std::nullopt}, keys.everywhere};
  }
  std::pair longest(counts.at_source.blocked_until, &keys.at_source);
  // What others do must not keep a person from the place where they always sign in.
  if (!counts.is_known_source && counts.everywhere.blocked_until > longest.first) {
    longest = {counts.everywhere.blocked_until, &keys.everywhere};
  }
  if (!counts.is_known_source && counts.source.blocked_until > longest.first) {
    longest = {counts.source.blocked_until, &keys.source};
  }
  if (longest.first <= now) return std::nullopt;
  return Block{{Outcome::kLocked, Reason::kThrottled, longest.first}, *longest.second};
}

// One failure less, and the block that the failures which are left earn: it may be another
// attempt's that was counted meanwhile.
Result<void> take_back_one(store::Store& store, const store::AttemptKey& key,
                           const std::function<milliseconds(std::int64_t)>& block_after) {
  auto count = store.attempts().count(key);
  if (!count) return fail(count.error());
  if (count->failures <= 1) return store.attempts().clear(key);
  --count->failures;
  const milliseconds block = block_after(count->failures);
  count->blocked_until = block.count() == 0
                             ? Instant()
                             : std::min(count->blocked_until, count->last_failure_at + block);
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
    case Reason::kNoCode:
      return "no_code";
    case Reason::kCodeUsed:
      return "code_used";
    case Reason::kNoCredential:
      return "no_credential";
    case Reason::kThrottled:
      return "throttled";
    case Reason::kFactorDisabled:
      return "factor_disabled";
    case Reason::kTerminalGone:
      return "terminal_gone";
    case Reason::kTransactionGone:
      return "transaction_gone";
    case Reason::kCeremonyGone:
      return "ceremony_gone";
    case Reason::kKeyUnknown:
      return "key_unknown";
    case Reason::kKeyRefused:
      return "key_refused";
    case Reason::kKeyNotVerified:
      return "key_not_verified";
    case Reason::kKeyModelRefused:
      return "key_model_refused";
    case Reason::kKeySuspected:
      return "key_suspected";
    case Reason::kKeyRowChanged:
      return "key_row_changed";
    case Reason::kNotEnough:
      return "not_enough";
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

milliseconds Throttle::block_at_source(std::int64_t failures, std::optional<int> fewer) const {
  const int lock_after = std::min(fewer.value_or(policy_.lock_after), policy_.lock_after);
  if (failures >= lock_after) {
    return doubled(policy_.lock_for, failures - lock_after, policy_.lock_most);
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

Result<void> Throttle::count_source(store::Store& store, const store::AttemptKey& key,
                                    store::AttemptCount count, Instant now) const {
  if (count.last_failure_at + policy_.source_window < now) count.failures = 0;
  const milliseconds block = block_source(count.failures + 1);
  return store.attempts().set(
      key, {count.failures + 1, now, block.count() > 0 ? now + block : Instant()});
}

Result<std::optional<Verdict>> Throttle::admit(store::Store& store, Attempt& attempt,
                                               Instant now) const {
  const Keys keys = keys_of(attempt);
  const auto counts = counts_of(store, keys, policy_, now);
  if (!counts) return fail(counts.error());
  if (const auto block = block_of(keys, *counts, policy_, now)) return block->verdict;

  const auto counted = [&](const store::AttemptKey& key, std::int64_t failures,
                           milliseconds block) {
    return store.attempts().set(key, {failures, now, block.count() > 0 ? now + block : Instant()});
  };
  const std::int64_t here = counts->at_source.failures + 1;
  if (auto done = counted(keys.at_source, here, block_at_source(here, attempt.lock_after)); !done) {
    return fail(done.error());
  }
  const std::int64_t in_all = counts->everywhere.failures + 1;
  if (auto done = counted(keys.everywhere, in_all, block_everywhere(in_all)); !done) {
    return fail(done.error());
  }
  attempt.is_source_counted = !counts->is_known_source;
  if (attempt.is_source_counted) {
    if (auto done = count_source(store, keys.source, counts->source, now); !done) {
      return fail(done.error());
    }
  }
  return std::optional<Verdict>();
}

Result<std::optional<std::int64_t>> Throttle::refusals_to_tell(store::Store& store,
                                                               const Attempt& attempt,
                                                               Instant now) const {
  const Keys keys = keys_of(attempt);
  const auto counts = counts_of(store, keys, policy_, now);
  if (!counts) return fail(counts.error());
  // Gone meanwhile (an unlock, a success elsewhere): this one is told.
  const auto block = block_of(keys, *counts, policy_, now);
  if (!block) return std::optional<std::int64_t>(1);
  return store.attempts().count_refusal(block->by, kTellRefusalsEvery, now);
}

Result<std::optional<Verdict>> Throttle::admit_source(store::Store& store,
                                                      const std::string& source,
                                                      Instant now) const {
  const store::AttemptKey key = key_of_source(source);
  const auto count = store.attempts().count(key);
  if (!count) return fail(count.error());
  if (count->blocked_until > now) {
    return Verdict{Outcome::kLocked, Reason::kThrottled, count->blocked_until};
  }
  if (auto done = count_source(store, key, *count, now); !done) return fail(done.error());
  return std::optional<Verdict>();
}

Result<std::optional<std::int64_t>> Throttle::source_refusals_to_tell(store::Store& store,
                                                                      const std::string& source,
                                                                      Instant now) const {
  return store.attempts().count_refusal(key_of_source(source), kTellRefusalsEvery, now);
}

Result<void> Throttle::take_back_source(store::Store& store, const std::string& source) const {
  return take_back_one(store, key_of_source(source),
                       [this](std::int64_t failures) { return block_source(failures); });
}

Result<void> Throttle::succeed(store::Store& store, const Attempt& attempt, Instant now) const {
  const Keys keys = keys_of(attempt);
  if (auto done = store.attempts().note_success(keys.at_source, now); !done) return done;
  if (auto done = store.attempts().clear(keys.at_source); !done) return done;
  if (auto done = store.attempts().clear(keys.everywhere); !done) return done;
  return attempt.is_source_counted ? take_back_source(store, attempt.source) : Result<void>();
}

Result<void> Throttle::withdraw(store::Store& store, const Attempt& attempt) const {
  const Keys keys = keys_of(attempt);
  const auto at_source = [&](std::int64_t failures) {
    return block_at_source(failures, attempt.lock_after);
  };
  const auto everywhere = [this](std::int64_t failures) { return block_everywhere(failures); };
  if (auto done = take_back_one(store, keys.at_source, at_source); !done) return done;
  if (auto done = take_back_one(store, keys.everywhere, everywhere); !done) return done;
  return attempt.is_source_counted ? take_back_source(store, attempt.source) : Result<void>();
}

Result<void> forget_failures(store::Store& store, store::UserId user, Factor factor) {
  const auto counts = store.attempts().of_subject(subject_of(user));
  if (!counts) return fail(counts.error());
  for (const auto& [key, count] : *counts) {
    if (key.factor != name_of(factor)) continue;
    if (auto done = store.attempts().clear(key); !done) return done;
  }
  // Whoever knew the old one is not known by the new.
  return store.attempts().forget_successes(subject_of(user), name_of(factor));
}

}  // namespace sekisho::authn
