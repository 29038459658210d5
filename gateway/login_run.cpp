#include "gateway/login_run.h"

#include "base/log.h"

namespace sekisho::gateway {
namespace {

// One login's state, shared with the lanes; only one of them works on it at a time.
struct Run {
  authn::Claim claim;
  authn::Presented presented;
  authn::Prepared prepared;
  authn::LoginResult result;
};

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

Task<Result<authn::LoginResult>> run_login(EventLoop& loop, authn::Claim claim,
                                           authn::Presented presented, AfterDecision after) {
  const Shared& shared = loop.shared();
  auto run = std::make_shared<Run>();
  run->claim = std::move(claim);
  run->presented = std::move(presented);
  const auto prepare = [run, &shared](store::Store& store) -> Result<void> {
    auto prepared = shared.login.prepare(store, run->claim, run->presented, shared.clock.now());
    if (!prepared) return fail(prepared.error());
    run->prepared = std::move(*prepared);
    return {};
  };
  if (needs_preparation(run->presented)) {
    // Counted and durable before the password is looked at.
    if (auto done = co_await loop.commit(prepare); !done) co_return fail(done.error());
    const auto computed = co_await loop.compute(
        [run, &shared] { return shared.login.compute(run->prepared, run->presented); });
    if (!computed) {
      const auto withdrawn = co_await loop.commit([run, &shared](store::Store& store) {
        return shared.login.withdraw(store, run->prepared);
      });
      if (!withdrawn) {
        log::write(log::Level::kWarning, "attempt_not_withdrawn",
                   JsonObject().add("error", withdrawn.error().message));
      }
      co_return fail(computed.error());
    }
  }
  const auto decided = co_await loop.commit([run, prepare, after = std::move(after),
                                             &shared](store::Store& store) -> Result<void> {
    if (!needs_preparation(run->presented)) {
      if (auto prepared = prepare(store); !prepared) return prepared;
    }
    auto result =
        shared.login.decide(store, run->claim, run->prepared, run->presented, shared.clock.now());
    if (!result) return fail(result.error());
    run->result = std::move(*result);
    return after ? after(store, run->result) : Result<void>();
  });
  if (!decided) co_return fail(decided.error());
  count(loop.counters(), run->result.verdict);
  co_return std::move(run->result);
}

}  // namespace sekisho::gateway
