#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"

namespace sekisho::log {
namespace {

std::atomic<Level> least_level{Level::kInfo};

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

// One event's lines in the second that began with the first of them.
struct Pace {
  std::chrono::steady_clock::time_point since;
  int lines = 0;
  std::int64_t left_out = 0;
};

// How many lines were left out before this one; nullopt: so is this.
std::optional<std::int64_t> left_out_before(std::string_view event) {
  thread_local std::map<std::string_view, Pace> paces;
  Pace& pace = paces[event];
  const auto now = std::chrono::steady_clock::now();
  if (pace.lines == 0 || now - pace.since >= std::chrono::seconds(1)) {
    pace.since = now;
    pace.lines = 0;
  }
  if (pace.lines >= kMostASecond) {
    ++pace.left_out;
    return std::nullopt;
  }
  ++pace.lines;
  return std::exchange(pace.left_out, 0);
}

}  // namespace

void set_level(Level level) {
  least_level = level;
}
bool is_enabled(Level level) {
  return level >= least_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view event, const JsonObject& fields) {
  if (!is_enabled(level)) return;
  const std::optional<std::int64_t> left_out = left_out_before(event);
  if (!left_out) return;
  std::string line = JsonObject()
                         .add("time", rfc3339(SystemClock().now()))
                         .add("level", name_of(level))
                         .add("event", event)
                         .text();
  if (!fields.empty()) {
    line.back() = ',';
    line += fields.text().substr(1);
  }
  if (*left_out > 0) {
    line.back() = ',';
    line += JsonObject().add("left_out", *left_out).text().substr(1);
  }
  line.push_back('\n');
  // A log that cannot be written must not stop the service; the audit chain is what must hold.
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace sekisho::log
