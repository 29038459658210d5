#include "gateway/login_run.h"

#include "base/log.h"

namespace sekisho::gateway {
namespace {

bool needs_preparation(const authn::Presented& presented) {
  return presented.password || presented.second_factor == authn::Factor::kRecovery;
}

void count(Counters& counters, const authn::Verdict& verdict) {
  switch (verdict.outcome) {
    case authn::Outcome::kGranted:
      counters.logins_granted.add();
      break;
    case authn::Outcome::kDenied:
      counters.logins_denied.add();
      break;
    case authn::Outcome::kLocked:
      counters.logins_locked.add();
      break;
  }
}

}  // namespace

Task<Result<authn::LoginResult>> run_login(EventLoop& loop, LoginRun& run) {
  // The lanes work on these while this coroutine waits: one after the other, never at once.
  const Shared& shared = loop.shared();
  authn::Prepared prepared;
  authn::LoginResult result;
  const store::CommitLane::Job prepare = [&](store::Store& store) -> Result<void> {
    auto done = shared.login.prepare(store, run.claim, run.presented, shared.clock.now());
    if (!done) return fail(done.error());
    prepared = std::move(*done);
    return {};
  };
  if (needs_preparation(run.presented)) {
    // Counted and durable before the password is looked at.
    const auto counted = co_await loop.commit(prepare);
    if (!counted) co_return fail(counted.error());
    const std::function<Result<void>()> hash = [&] {
      return shared.login.compute(prepared, run.presented);
    };
    const auto computed = co_await loop.compute(hash);
    if (!computed) {
      const store::CommitLane::Job take_back = [&](store::Store& store) {
        return shared.login.withdraw(store, prepared);
      };
      const auto withdrawn = co_await loop.commit(take_back);
      if (!withdrawn) {
        log::write(log::Level::kWarning, "attempt_not_withdrawn",
                   JsonObject().add("error", withdrawn.error().message));
      }
      co_return fail(computed.error());
    }
  }
  const store::CommitLane::Job decide = [&](store::Store& store) -> Result<void> {
    if (!needs_preparation(run.presented)) {
      if (auto done = prepare(store); !done) return done;
    }
    auto decided =
        shared.login.decide(store, run.claim, prepared, run.presented, shared.clock.now());
    if (!decided) return fail(decided.error());
    result = std::move(*decided);
    return run.after ? run.after(store, result) : Result<void>();
  };
  const auto decided = co_await loop.commit(decide);
  if (!decided) co_return fail(decided.error());
  count(loop.counters(), result.verdict);
  if (result.is_clone_suspected) {
    loop.counters().keys_suspected.add();
    log::write(log::Level::kWarning, "security_key_clone_suspected",
               JsonObject()
                   .add("user", result.user ? std::string_view(result.user->name)
                                            : std::string_view(run.claim.claimed_user))
                   .add("source", run.claim.source)
                   .add("outcome", authn::name_of(result.verdict.outcome)));
  }
  co_return std::move(result);
}

}  // namespace sekisho::gateway
