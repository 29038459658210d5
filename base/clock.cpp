#include "base/clock.h"

#include <time.h>

#include <cstdio>

namespace sekisho {

std::string rfc3339(Instant at) {
  const std::int64_t milliseconds = to_milliseconds(at);
  std::int64_t seconds = milliseconds / 1000;
  std::int64_t rest = milliseconds % 1000;
  if (rest < 0) {
    rest += 1000;
    --seconds;
  }
  const time_t when = static_cast<time_t>(seconds);
  tm parts{};
  if (gmtime_r(&when, &parts) == nullptr) return "-";
  char day[40];
  char text[64];
  if (strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts) == 0) return "-";
  std::snprintf(text, sizeof text, "%s.%03dZ", day, static_cast<int>(rest));
  return text;
}

Instant SystemClock::now() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace sekisho
