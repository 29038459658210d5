#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <string>

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

}  // namespace

void set_level(Level level) {
  least_level = level;
}
bool is_enabled(Level level) {
  return level >= least_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view event, const JsonObject& fields) {
  if (!is_enabled(level)) return;
  std::string line = JsonObject()
                         .add("time", rfc3339(SystemClock().now()))
                         .add("level", name_of(level))
                         .add("event", event)
                         .text();
  if (!fields.empty()) {
    line.back() = ',';
    line += fields.text().substr(1);
  }
  line.push_back('\n');
  // A log that cannot be written must not stop the service; the audit chain is what must hold.
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace sekisho::log
