#include "gateway/access_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/json_text.h"
#include "base/log.h"

namespace sekisho::gateway {

void AccessRecord::set_path(std::string_view target) {
  path = target.substr(0, std::min(target.find('?'), kMostPath));
}

std::string line_of(const AccessRecord& record, std::chrono::microseconds taken) {
  JsonObject line;
  line.add("at", rfc3339(record.at)).add("client", record.client).add("door", record.door);
  const auto add_known = [&line](std::string_view key, std::string_view value) {
    if (!value.empty()) line.add(key, value);
  };
  add_known("application", record.application);
  add_known("user", record.user);
  add_known("method", record.method);
  add_known("path", record.path);
  add_known("outcome", record.outcome);
  if (record.rule_line != 0) line.add("rule_line", std::int64_t{record.rule_line});
  add_known("upstream", record.upstream);
  line.add("status", std::int64_t{record.status})
      .add("bytes", static_cast<std::int64_t>(record.bytes))
      .add("us", std::int64_t{taken.count()});
  return line.text() + "\n";
}

namespace {

// How many bytes could be written.
std::size_t write_whole(int file, std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(file, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      log::write(log::Level::kError, "access_log_failed",
                 JsonObject().add("error", error_from_errno("the access log").message));
      break;
    }
    done += static_cast<std::size_t>(written);
  }
  return done;
}

// A device such as /dev/null is the administrator's to choose.
bool can_be_log(const struct stat& status) {
  return S_ISREG(status.st_mode) || S_ISCHR(status.st_mode);
}

Error no_file(const std::string& path) {
  return {ErrorCode::kInvalid, path + " is no file for the access log"};
}

Error cannot_write(const std::string& path) {
  return error_from_errno("cannot write " + path);
}

std::string notice_of(std::uint64_t left_out) {
  if (left_out == 0) return {};
  return JsonObject()
             .add("at", rfc3339(SystemClock().now()))
             .add("left_out", static_cast<std::int64_t>(left_out))
             .text() +
         "\n";
}

}  // namespace

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  has_work_.notify_one();
  if (writer_.joinable()) writer_.join();
}

Result<void> AccessLog::check(const settings::AccessLogSettings& settings) {
  if (settings.path.empty()) return {};
  struct stat status {};
  if (::lstat(settings.path.c_str(), &status) == 0) {
    if (!can_be_log(status)) return fail(no_file(settings.path));
    return ::access(settings.path.c_str(), W_OK) == 0 ? Result<void>()
                                                      : fail(cannot_write(settings.path));
  }
  const std::string folder = settings.path.substr(0, settings.path.rfind('/'));
  return ::access(folder.empty() ? "/" : folder.c_str(), W_OK | X_OK) == 0
             ? Result<void>()
             : fail(cannot_write(settings.path));
}

Result<void> AccessLog::use(const settings::AccessLogSettings& settings) {
  UniqueFd file;
  if (!settings.path.empty()) {
    constexpr mode_t kMode = 0640;
    // Nothing that could make us wait, or lead elsewhere.
    constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    file = UniqueFd(::open(settings.path.c_str(), kFlags, kMode));
    if (!file.valid()) return fail(cannot_write(settings.path));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0 || !can_be_log(status))
      return fail(no_file(settings.path));
  }
  const std::lock_guard lock(mutex_);
  std::swap(file_, file);
  is_torn_ = false;
  ++opened_;
  most_ = settings.waiting_bytes;
  if (file_.valid() && !writer_.joinable()) writer_ = std::thread([this] { write_on(); });
  return {};
}

void AccessLog::hand_over(std::string lines, std::uint64_t count) {
  {
    const std::lock_guard lock(mutex_);
    if (!file_.valid()) return;
    if (waiting_.size() + lines.size() > most_) {
      untold_ += count;
      left_out_.fetch_add(count, std::memory_order_relaxed);
      return;
    }
    waiting_ += lines;
  }
  has_work_.notify_one();
}

void AccessLog::write_on() {
  std::unique_lock lock(mutex_);
  while (true) {
    has_work_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::string lines = std::exchange(waiting_, {});
    const std::uint64_t untold = std::exchange(untold_, 0);
    const std::uint64_t opened = opened_;
    const std::string_view mend = is_torn_ ? "\n" : "";  // what follows is a line of its own
    // A descriptor of our own: a reload may close the log's meanwhile.
    const UniqueFd file(::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0));
    lock.unlock();
    std::string text(mend);
    text += notice_of(untold);
    const std::size_t before = text.size();
    text += lines;
    const std::size_t done = write_whole(file.get(), text);
    const auto kept = static_cast<std::ptrdiff_t>(std::max(done, before));
    const auto lost = static_cast<std::uint64_t>(std::count(text.begin() + kept, text.end(), '\n'));
    lock.lock();
    left_out_.fetch_add(lost, std::memory_order_relaxed);
    untold_ += lost + (done < before ? untold : 0);
    if (opened == opened_ && done > 0) is_torn_ = text[done - 1] != '\n';
  }
}

void AccessLines::add(const AccessRecord& record, std::chrono::microseconds taken) {
  lines_ += line_of(record, taken);
  ++count_;
  if (lines_.size() > kMany) hand_over();
}

void AccessLines::hand_over() {
  if (lines_.empty()) return;
  log_.hand_over(std::exchange(lines_, {}), std::exchange(count_, 0));
}

}  // namespace sekisho::gateway
