#include "gateway/housekeeping.h"

#include <algorithm>

#include "authn/access_rules.h"
#include "authn/identity_keys.h"
#include "authn/session.h"
#include "base/log.h"

namespace sekisho::gateway {
namespace {

constexpr std::chrono::hours kForgetAttemptsAfter{24 * 7};
constexpr std::chrono::hours kForgetSuccessesAfter{24 * 365};
// The loops write down a session's last use at most a minute late (event_loop.cpp).
constexpr std::chrono::minutes kUsesSettleAfter{2};
constexpr std::chrono::hours kForgetSessionsAfter{1};
// No rule takes them for as long ([terminals] seat_life).
constexpr std::chrono::hours kForgetSeatsAfter{48};
// Longer than a clock is set back without anybody noticing.
constexpr std::chrono::hours kForgetSpentAfter{24};
constexpr int kSessionsAtOnce = 1000;
constexpr std::int64_t kChangesKept = 10'000;
// A checkpoint at least so often while there are new rows, and at once after so many.
constexpr std::chrono::hours kCheckpointEvery{1};
constexpr std::int64_t kCheckpointRows = 1000;

Result<void> forget_expired(store::Store& store, Instant now) {
  if (auto done = store.spent_logins().purge(now - kForgetSpentAfter); !done)
    return fail(done.error());
  if (auto ended = authn::end_overdue_sessions(store, kSessionsAtOnce, now - kUsesSettleAfter, now);
      !ended) {
    return fail(ended.error());
  }
  if (auto done = store.sessions().purge(now - kForgetSessionsAfter, kSessionsAtOnce); !done) {
    return fail(done.error());
  }
  const auto attempts = store.attempts().purge(now - kForgetAttemptsAfter);
  if (!attempts) return fail(attempts.error());
  const auto successes = store.attempts().purge_successes(now - kForgetSuccessesAfter);
  if (!successes) return fail(successes.error());
  if (auto done = store.seats().purge(now - kForgetSeatsAfter, now + authn::kClockMayRunAhead);
      !done) {
    return fail(done.error());
  }
  if (auto done = store.changes().purge(kChangesKept); !done) return fail(done.error());
  return {};
}

Result<void> sign_when_due(store::Store& store, const SigningKey& key, Instant now) {
  const auto last_row = store.audit_log().last_seq();
  if (!last_row) return fail(last_row.error());
  const auto newest = store.audit_log().newest_checkpoint();
  if (!newest) return fail(newest.error());
  const std::int64_t signed_row = *newest ? (*newest)->seq : 0;
  const bool is_old = !*newest || now - (*newest)->at >= kCheckpointEvery;
  const std::int64_t new_rows = *last_row - signed_row;
  if (new_rows == 0 || (!is_old && new_rows < kCheckpointRows)) return {};
  const auto signature = store.audit_log().sign_checkpoint(key, now);
  return signature ? Result<void>() : fail(signature.error());
}

}  // namespace

void clean_up(store::CommitLane& lane, const Clock& clock, const SigningKey& audit_key) {
  const auto done = lane.run([&](store::Store& store) -> Result<void> {
    const Instant now = clock.now();
    if (auto forgotten = forget_expired(store, now); !forgotten) return forgotten;
    return sign_when_due(store, audit_key, now);
  });
  if (!done) {
    log::write(log::Level::kWarning, "housekeeping_failed",
               JsonObject().add("error", done.error().message));
  }
}

void keep_identity_keys(store::CommitLane& lane, const Clock& clock, const Keyring& keyring,
                        Random& random, const settings::Settings& settings) {
  if (std::ranges::none_of(settings.applications,
                           &settings::ApplicationEntry::wants_identity_token)) {
    return;
  }
  const int rotate_days = settings.identity.rotate_days;
  const auto done = lane.run([&](store::Store& store) {
    return authn::keep_identity_keys({store, keyring, random, {"gateway", "gateway"}, clock.now()},
                                     rotate_days);
  });
  if (!done) {
    log::write(log::Level::kError, "identity_keys_failed",
               JsonObject().add("error", done.error().message));
  }
}

}  // namespace sekisho::gateway
