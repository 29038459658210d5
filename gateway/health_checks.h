// Asks applications' servers whether they are well, where [application.health] names a path.

#ifndef SEKISHO_GATEWAY_HEALTH_CHECKS_H_
#define SEKISHO_GATEWAY_HEALTH_CHECKS_H_

#include "gateway/event_loop.h"

namespace sekisho::gateway {

// Says so in the log.
void log_health(const UpstreamTarget& target, bool is_up);

// Runs on `loop` until it ends; follows reloads.  For one loop of all: the answers are shared.
Task<> check_upstreams(EventLoop& loop);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_HEALTH_CHECKS_H_
