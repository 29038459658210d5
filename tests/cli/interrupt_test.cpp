#include "cli/interrupt.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "tests/support/catch.h"

namespace sekisho::cli {
namespace {

TEST_CASE("the first Ctrl-C asks to stop, and the second ends the process", "[cli]") {
  std::array<int, 2> told{};
  REQUIRE(::pipe(told.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // Something that does not stop, however often it is asked to.
    const InterruptWatch watch([&told] {
      const char byte = 's';
      if (::write(told[1], &byte, 1) != 1) ::_exit(70);
    });
    ::kill(::getpid(), SIGINT);
    while (true) ::pause();
  }
  char byte = 0;
  REQUIRE(::read(told[0], &byte, 1) == 1);
  ::kill(child, SIGINT);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
  ::close(told[0]);
  ::close(told[1]);
}

}  // namespace
}  // namespace sekisho::cli
