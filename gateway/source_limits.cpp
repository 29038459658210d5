#include "gateway/source_limits.h"

namespace sekisho::gateway {

std::optional<SourceLimits::Place> SourceLimits::enter(const IpAddress& source, int most,
                                                       int per_source) {
  const std::lock_guard lock(mutex_);
  if (all_ >= most) return std::nullopt;
  int& here = by_source_[source.octets()];
  if (per_source > 0 && here >= per_source) return std::nullopt;
  ++here;
  ++all_;
  return std::optional<Place>(std::in_place, *this, source);
}

void SourceLimits::leave(const IpAddress& source) {
  const std::lock_guard lock(mutex_);
  --all_;
  const auto found = by_source_.find(source.octets());
  if (found != by_source_.end() && --found->second == 0) by_source_.erase(found);
}

}  // namespace sekisho::gateway
