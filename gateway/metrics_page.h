// /healthz, /readyz and /metrics, on the loopback listener only.

#ifndef SEKISHO_GATEWAY_METRICS_PAGE_H_
#define SEKISHO_GATEWAY_METRICS_PAGE_H_

#include "gateway/event_loop.h"
#include "gateway/http_message.h"
#include "gateway/response.h"

namespace sekisho::gateway {

Response metrics_response(EventLoop& loop, const RequestHead& head);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_METRICS_PAGE_H_
