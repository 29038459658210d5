// Ctrl-C while something waits that must be told to stop: a security key that blinks.

#ifndef SEKISHO_CLI_INTERRUPT_H_
#define SEKISHO_CLI_INTERRUPT_H_

#include <signal.h>

#include <functional>
#include <thread>

#include "base/file.h"

namespace sekisho::cli {

// While it lives, SIGINT, SIGTERM and SIGHUP end nothing; a thread of its own takes them and calls
// `stop`, which therefore may do what no signal handler may.  A second one ends the process: what
// was to stop may be broken.  To be made while this is the only
// thread: threads that begin later inherit that the signals are blocked.
class InterruptWatch {
 public:
  explicit InterruptWatch(std::function<void()> stop);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  sigset_t before_{};
  UniqueFd signals_;
  UniqueFd over_;
  std::thread watcher_;
};

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_INTERRUPT_H_
