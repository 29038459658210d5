// One request through the proxy: decided, forwarded, answered.

#ifndef SEKISHO_GATEWAY_PROXY_RUN_H_
#define SEKISHO_GATEWAY_PROXY_RUN_H_

#include <optional>

#include "gateway/exchange.h"
#include "gateway/proxied_request.h"
#include "gateway/response.h"

namespace sekisho::gateway {

// Nearly always nothing but the application has to be waited for, and no coroutine is needed:
//
//   if (run.begin_at_once()) {
//     co_await run.application().ready();
//     done = run.finish_at_once();
//   }
//   if (!done) done = co_await run.finish();
class ProxyRun {
 public:
  explicit ProxyRun(ProxiedRequest request);
  ProxyRun(const ProxyRun&) = delete;
  ProxyRun& operator=(const ProxyRun&) = delete;

  bool begin_at_once() { return exchange_ && exchange_->begin_at_once(); }
  Stream& application() { return exchange_->application(); }
  std::optional<bool> finish_at_once() { return exchange_->finish_at_once(); }

  // Whatever is left to do.  True: the connection may be used for another request.
  Task<bool> finish();

 private:
  ProxiedRequest request_;
  // One of them.
  std::optional<Exchange> exchange_;
  std::optional<Response> refused_;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_PROXY_RUN_H_
