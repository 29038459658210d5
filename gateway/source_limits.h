// How many connections there may be, in all and from one address; shared by every loop.

#ifndef SEKISHO_GATEWAY_SOURCE_LIMITS_H_
#define SEKISHO_GATEWAY_SOURCE_LIMITS_H_

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/ip_network.h"

namespace sekisho::gateway {

class SourceLimits {
 public:
  // Holds one connection's place; gives it back when it goes.
  class Place {
   public:
    Place(SourceLimits& limits, const IpAddress& source) : limits_(&limits), source_(source) {}
    Place(Place&& other) noexcept
        : limits_(std::exchange(other.limits_, nullptr)), source_(other.source_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (limits_ != nullptr) limits_->leave(source_);
    }

   private:
    SourceLimits* limits_;
    IpAddress source_;
  };

  // nullopt: the gateway or this source has as many as it may.  `per_source` 0: not counted.
  std::optional<Place> enter(const IpAddress& source, int most, int per_source);

 private:
  void leave(const IpAddress& source);
  std::mutex mutex_;
  int all_ = 0;
  std::map<std::array<std::uint8_t, 16>, int> by_source_;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_SOURCE_LIMITS_H_
