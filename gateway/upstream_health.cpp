#include "gateway/upstream_health.h"

#include <map>
#include <mutex>

namespace sekisho::gateway {

std::shared_ptr<UpstreamHealth> UpstreamHealth::of(const std::string& key) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<UpstreamHealth>> known;
  const std::lock_guard lock(mutex);
  std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
  auto health = known[key].lock();
  if (health == nullptr) known[key] = health = std::make_shared<UpstreamHealth>();
  return health;
}

bool UpstreamHealth::may_ask(const settings::HealthCheck& check, Time now) {
  if (is_up()) return true;
  auto due = retry_at_.load(std::memory_order_relaxed);
  if (now.time_since_epoch().count() < due) return false;
  const Time next = now + check.every;
  return retry_at_.compare_exchange_strong(due, next.time_since_epoch().count());
}

bool UpstreamHealth::note_answer(const settings::HealthCheck& check) {
  if (failures_.load(std::memory_order_relaxed) == 0) return false;
  failures_.store(0, std::memory_order_relaxed);
  // Where it is asked, the answers to that decide.
  return check.path.empty() && is_down_.exchange(false);
}

bool UpstreamHealth::note_failure(const settings::HealthCheck& check, Time now) {
  good_checks_ = 0;
  const Time retry = check.path.empty() ? now + check.every : Time::max();
  retry_at_ = retry.time_since_epoch().count();
  return failures_.fetch_add(1) + 1 >= check.fall && !is_down_.exchange(true);
}

bool UpstreamHealth::note_good_check(const settings::HealthCheck& check) {
  if (is_up()) {
    failures_ = 0;
    return false;
  }
  if (good_checks_.fetch_add(1) + 1 < check.rise) return false;
  failures_ = 0;
  return is_down_.exchange(false);
}

}  // namespace sekisho::gateway
