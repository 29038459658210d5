// How many connections there may be, in all and from one address, and how fast one address may open
// them: a full TLS handshake costs us more than it costs who asks for it.  Shared by every loop.

#ifndef SEKISHO_GATEWAY_SOURCE_LIMITS_H_
#define SEKISHO_GATEWAY_SOURCE_LIMITS_H_

#include <chrono>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/ip_network.h"

namespace sekisho::gateway {

class SourceLimits {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Most {
    int all = 0;
    int of_source = 0;  // at once; 0: any number
    int a_second = 0;   // by one source, with as many in hand at first; 0: any number
  };

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

  // nullopt: the gateway or this source has as many as it may, or is too fast.
  std::optional<Place> enter(const IpAddress& source, const Most& most, Time now);

  // For tests: how many sources are remembered.
  std::size_t remembered() const { return by_source_.size(); }

 private:
  struct Source {
    int connections = 0;
    // Connections that may be opened at once; at first whatever the limit is.
    double in_hand = std::numeric_limits<double>::infinity();
    Time counted_at;
  };
  void leave(const IpAddress& source);
  // Forgets sources that are as if they had never come, once there are many.
  void forget_quiet(Time now);

  std::mutex mutex_;
  int all_ = 0;
  std::map<std::array<std::uint8_t, 16>, Source> by_source_;
  std::size_t forget_at_ = 1024;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_SOURCE_LIMITS_H_
