// Runs authn::Login on the gateway's lanes: its two transactions on the commit lane, its slow
// work on the worker pool, and the event loop free in between.

#ifndef SEKISHO_GATEWAY_LOGIN_RUN_H_
#define SEKISHO_GATEWAY_LOGIN_RUN_H_

#include <functional>

#include "authn/login.h"
#include "gateway/event_loop.h"

namespace sekisho::gateway {

// What belongs in the transaction of the decision, such as opening the session.  Called also for
// a refusal.
using AfterDecision =
    std::function<Result<void>(store::Store& store, const authn::LoginResult& result)>;

struct LoginRun {
  authn::Claim claim;
  authn::Presented presented;
  AfterDecision after;  // may be empty
};

// kBusy: a queue is full; any Error: nothing was decided, refuse.  When this returns a value,
// everything is durable.  The run must live until then.
Task<Result<authn::LoginResult>> run_login(EventLoop& loop, LoginRun& run);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_LOGIN_RUN_H_
