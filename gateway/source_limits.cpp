#include "gateway/source_limits.h"

#include <algorithm>

namespace sekisho::gateway {
namespace {

// After so long without a connection everything is in hand again, whatever the limit.
constexpr std::chrono::seconds kRecovers{1};

}  // namespace

std::optional<SourceLimits::Place> SourceLimits::enter(const IpAddress& source, const Most& most,
                                                       Time now) {
  const std::lock_guard lock(mutex_);
  if (all_ >= most.all) return std::nullopt;
  if (by_source_.size() >= forget_at_) forget_quiet(now);
  Source& here = by_source_.try_emplace(source.octets()).first->second;
  if (most.a_second > 0) {
    const double full = most.a_second;
    const double since = std::chrono::duration<double>(now - here.counted_at).count();
    here.in_hand = std::min(full, here.in_hand + since * full);
    here.counted_at = now;
  }
  if (most.of_source > 0 && here.connections >= most.of_source) return std::nullopt;
  if (most.a_second > 0) {
    if (here.in_hand < 1) return std::nullopt;
    here.in_hand -= 1;
  }
  ++here.connections;
  ++all_;
  return std::optional<Place>(std::in_place, *this, source);
}

void SourceLimits::leave(const IpAddress& source) {
  const std::lock_guard lock(mutex_);
  --all_;
  const auto found = by_source_.find(source.octets());
  if (found != by_source_.end()) --found->second.connections;
}

void SourceLimits::forget_quiet(Time now) {
  std::erase_if(by_source_, [&](const auto& entry) {
    return entry.second.connections == 0 && now - entry.second.counted_at >= kRecovers;
  });
  forget_at_ = std::max<std::size_t>(1024, 2 * by_source_.size());
}

}  // namespace sekisho::gateway
