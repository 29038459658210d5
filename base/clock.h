// The time, as a seam: everything that decides by time is given a Clock.

#ifndef SEKISHO_BASE_CLOCK_H_
#define SEKISHO_BASE_CLOCK_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace sekisho {

// Wall-clock UTC in milliseconds; what the store keeps.  64 bits: 2038 is no border.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

inline std::int64_t to_milliseconds(Instant at) {
  return at.time_since_epoch().count();
}
inline Instant instant_of(std::int64_t milliseconds) {
  return Instant(std::chrono::milliseconds(milliseconds));
}

// RFC 3339 in UTC with milliseconds: "2026-11-23T08:20:00.000Z".
std::string rfc3339(Instant at);

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

}  // namespace sekisho

#endif  // SEKISHO_BASE_CLOCK_H_
