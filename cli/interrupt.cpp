#include "cli/interrupt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <utility>

namespace sekisho::cli {
namespace {

// As if nobody had ever waited for it.
void end_by(int signal) {
  ::signal(signal, SIG_DFL);
  sigset_t one;
  ::sigemptyset(&one);
  ::sigaddset(&one, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  ::raise(signal);
}

void watch(int signals, int over, const std::function<void()>& stop) {
  std::array<pollfd, 2> sources{{{signals, POLLIN, 0}, {over, POLLIN, 0}}};
  bool is_stopping = false;
  while (true) {
    if (::poll(sources.data(), sources.size(), -1) < 0) continue;
    if (sources[1].revents != 0) return;
    signalfd_siginfo taken{};
    if (::read(signals, &taken, sizeof taken) != sizeof taken) return;
    if (std::exchange(is_stopping, true)) end_by(static_cast<int>(taken.ssi_signo));
    stop();
  }
}

}  // namespace

InterruptWatch::InterruptWatch(std::function<void()> stop) {
  sigset_t ending;
  ::sigemptyset(&ending);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&ending, signal);
  signals_ = UniqueFd(::signalfd(-1, &ending, SFD_CLOEXEC));
  over_ = UniqueFd(::eventfd(0, EFD_CLOEXEC));
  // Without them Ctrl-C ends the process as it always does.
  if (!signals_.valid() || !over_.valid()) return;
  ::pthread_sigmask(SIG_BLOCK, &ending, &before_);
  watcher_ = std::thread(&watch, signals_.get(), over_.get(), std::move(stop));
}

InterruptWatch::~InterruptWatch() {
  if (!watcher_.joinable()) return;
  const std::uint64_t one = 1;
  static_cast<void>(::write(over_.get(), &one, sizeof one) == sizeof one);
  watcher_.join();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace sekisho::cli
