// Whether an application's server is of use: by what becomes of requests to it, and, where the
// configuration says so, by asking it now and then.  Shared by all loops, and by a Site and the one
// that a reload puts in its place.

#ifndef SEKISHO_GATEWAY_UPSTREAM_HEALTH_H_
#define SEKISHO_GATEWAY_UPSTREAM_HEALTH_H_

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "settings/settings.h"

namespace sekisho::gateway {

class UpstreamHealth {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // The one of this server; `key` as UpstreamTarget::key.
  static std::shared_ptr<UpstreamHealth> of(const std::string& key);

  // False while it is down.  A server that is not checked is tried again by one request, the first
  // that asks here once HealthCheck::every has passed since the last failure or try.
  bool may_ask(const settings::HealthCheck& check, Time now);
  bool is_up() const { return !is_down_.load(std::memory_order_relaxed); }

  // A request was answered, whatever the answer; or it was not.  True: it is up, or down, only now.
  bool note_answer(const settings::HealthCheck& check);
  bool note_failure(const settings::HealthCheck& check, Time now);
  // The same of the answer to a question of ours: it takes HealthCheck::rise good ones to be up.
  bool note_good_check(const settings::HealthCheck& check);

 private:
  std::atomic<int> failures_{0};  // in a row
  std::atomic<int> good_checks_{0};
  std::atomic<bool> is_down_{false};
  std::atomic<Time::rep> retry_at_{0};
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_UPSTREAM_HEALTH_H_
