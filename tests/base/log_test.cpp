#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>

#include "base/file.h"
#include "tests/support/outcome.h"
#include "tests/support/temporary_folder.h"

namespace sekisho {
namespace {

using namespace std::chrono_literals;

// What `work` writes to standard error.
template <typename Work>
std::string said(Work work) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("log");
  testing::must(create_file_durably(path, "", 0600));
  const int kept = ::dup(STDERR_FILENO);
  REQUIRE(::freopen(path.c_str(), "w", stderr) != nullptr);
  work();
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  return testing::must(read_file(path, 1 << 20));
}

std::int64_t lines_of(std::string_view text) {
  return std::count(text.begin(), text.end(), '\n');
}

TEST_CASE("a flood of one event is cut short and counted, others go on", "[base]") {
  const std::string flood = said([] {
    for (int i = 0; i < 10 * log::kMostASecond; ++i) log::write(log::Level::kInfo, "flood");
    log::write(log::Level::kInfo, "other");
  });
  // A slow machine may have begun a second window.
  CHECK(lines_of(flood) >= log::kMostASecond + 1);
  CHECK(lines_of(flood) <= 5 * log::kMostASecond);
  CHECK(flood.find("\"other\"") != std::string::npos);
  std::this_thread::sleep_for(1s);
  const std::string after = said([] { log::write(log::Level::kInfo, "flood"); });
  CHECK(after.find("\"left_out\":") != std::string::npos);
  const std::string later = said([] { log::write(log::Level::kInfo, "flood"); });
  CHECK(later.find("left_out") == std::string::npos);
}

}  // namespace
}  // namespace sekisho
