// Work in forked processes, to show what holds between processes and after kill -9.
//
// The parent must have closed its own connections to the store before: SQLite's locks do not
// cross a fork.
#ifndef SEKISHO_TESTS_SUPPORT_FORKED_H_
#define SEKISHO_TESTS_SUPPORT_FORKED_H_

#include <sys/wait.h>
#include <unistd.h>

#include <signal.h>
#include <array>
#include <cstdlib>
#include <functional>
#include <vector>

#include "tests/support/catch.h"

namespace sekisho::testing {

// Runs `work(index, wait_for_start)` in `count` processes.  Each prepares itself and calls
// wait_for_start(), which returns in all of them once all have called it.  The result is each
// process's exit code, which is what `work` returned, or 128 + signal.
inline std::vector<int> run_forked(
    int count, const std::function<int(int, const std::function<void()>&)>& work) {
  std::array<int, 2> ready{};
  std::array<int, 2> start{};
  REQUIRE(pipe(ready.data()) == 0);
  REQUIRE(pipe(start.data()) == 0);
  std::vector<pid_t> children;
  for (int index = 0; index < count; ++index) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      close(start[1]);
      const auto wait_for_start = [&] {
        char byte = 'r';
        if (write(ready[1], &byte, 1) != 1) _exit(70);
        if (read(start[0], &byte, 1) != 0) _exit(71);  // the end of the pipe is the signal
      };
      int code = 72;
      try {
        code = work(index, wait_for_start);
      } catch (...) {
      }
      _exit(code);
    }
    children.push_back(child);
  }
  close(ready[1]);
  char byte = 0;
  for (int index = 0; index < count; ++index) {
    if (read(ready[0], &byte, 1) != 1) break;  // somebody died before: its exit code tells
  }
  close(start[0]);
  close(start[1]);
  close(ready[0]);
  std::vector<int> codes;
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    codes.push_back(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
  return codes;
}

// Runs `work` in a process that kills itself with SIGKILL when `work` returns, so that no
// destructor and no orderly close runs.
inline void run_and_kill(const std::function<void()>& work) {
  const auto codes = run_forked(1, [&](int, const std::function<void()>& wait_for_start) {
    wait_for_start();
    work();
    kill(getpid(), SIGKILL);
    return 73;
  });
  REQUIRE(codes == std::vector<int>{128 + SIGKILL});
}

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_FORKED_H_
