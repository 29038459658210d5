// Structured logs: one JSON object a line on standard error, for journald or a file.
//
//   log::write(log::Level::kWarning, "upstream_failed", JsonObject().add("host", host));
//   {"time":"2026-11-23T08:20:00.000Z","level":"warning","event":"upstream_failed","host":"…"}
//
// Secrets cannot get here by type (base/secret.h); values are escaped (ASVS 16.4.1).

#ifndef SEKISHO_BASE_LOG_H_
#define SEKISHO_BASE_LOG_H_

#include <string_view>

#include "base/json_text.h"

namespace sekisho::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// Lines below `level` are dropped.  The default is kInfo.
void set_level(Level level);
bool is_enabled(Level level);

// One write(2) a line, so lines of several threads do not mix.  `event` is a literal.
//
// Whoever can cause a line can cause a million, and each costs a system call: of one event a thread
// writes kMostASecond lines, and the first after that says how many were "left_out".
inline constexpr int kMostASecond = 100;
void write(Level level, std::string_view event, const JsonObject& fields = {});

}  // namespace sekisho::log

#endif  // SEKISHO_BASE_LOG_H_
