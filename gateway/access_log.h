// A line for each request, for whoever runs the gateway: JSON, appended to a file of its own.  What
// an auditor must be able to trust is the audit log; this one may lose lines, and says how many.
//
// A request never waits for the disk.  Each loop collects lines and hands them over once a second,
// or when they are many; a thread of the log's own writes them.

#ifndef SEKISHO_GATEWAY_ACCESS_LOG_H_
#define SEKISHO_GATEWAY_ACCESS_LOG_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "settings/settings.h"

namespace sekisho::gateway {

// One request.  Texts that nobody has filled in are left out of the line.
struct AccessRecord {
  static constexpr std::size_t kMostPath = 1024;  // bytes
  static constexpr std::size_t kMostMethod = 32;  // bytes

  Instant at;             // when its head was there
  std::string client;     // the person's address, not a proxy's
  std::string_view door;  // "proxy", "forward-auth", "web" (the portal), "terminal" or "check"
  std::string application;
  std::string user;
  std::string method;
  std::string path;          // as it came, without the query
  std::string upstream;      // the server that was asked, "10.20.0.5:8080"
  std::string_view outcome;  // of the gate: "allowed", "forbidden", …
  int rule_line = 0;         // 0: no rule decided
  unsigned status = 0;       // 0: no answer
  std::uint64_t bytes = 0;   // of the answer's body, as far as it went

  void set_path(std::string_view target);
  void set_method(std::string_view name) { method = name.substr(0, kMostMethod); }
};

// With its line end.
std::string line_of(const AccessRecord& record, std::chrono::microseconds taken);

class AccessLog {
 public:
  AccessLog() = default;
  ~AccessLog();  // writes what waits
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // Goes on with this file, opened anew: that is how a rotated one is let go.  Without a path no
  // more is written.  An Error: it cannot be opened, and the log goes on as before.
  Result<void> use(const settings::AccessLogSettings& settings);
  // Whether it could be, without making it.
  static Result<void> check(const settings::AccessLogSettings& settings);

  // Lines of a loop, from any thread.  What does not fit is left out and counted.
  void hand_over(std::string lines, std::uint64_t count);

  std::uint64_t left_out() const { return left_out_.load(std::memory_order_relaxed); }

 private:
  void write_on();

  std::mutex mutex_;
  std::condition_variable has_work_;
  UniqueFd file_;  // none: nothing is kept
  std::size_t most_ = 0;
  std::string waiting_;
  std::uint64_t untold_ = 0;  // left out, and not yet said in the file
  std::atomic<std::uint64_t> left_out_{0};
  bool ends_ = false;
  bool is_torn_ = false;      // the file ends in the middle of a line
  std::uint64_t opened_ = 0;  // files so far
  std::thread writer_;
};

// What one loop has collected.
class AccessLines {
 public:
  explicit AccessLines(AccessLog& log) : log_(log) {}
  void add(const AccessRecord& record, std::chrono::microseconds taken);
  void hand_over();

 private:
  static constexpr std::size_t kMany = 32 * 1024;  // bytes
  AccessLog& log_;
  std::string lines_;
  std::uint64_t count_ = 0;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_ACCESS_LOG_H_
