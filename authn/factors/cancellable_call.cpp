#include "authn/factors/cancellable_call.h"

#include <fido.h>

#include <system_error>

#include "authn/factors/fido_thread.h"

namespace sekisho::authn {
namespace {

constexpr std::chrono::milliseconds kSayAgain{100};
// To say that it has stopped.
constexpr std::chrono::milliseconds kGrace{1000};

}  // namespace

CancellableCall::CancellableCall(Cancellation& cancellation, OpenKey& key,
                                 std::chrono::steady_clock::time_point deadline)
    : cancellation_(cancellation), key_(key), deadline_(deadline) {
  {
    const std::lock_guard lock(cancellation_.mutex_);
    is_cancelled_ = cancellation_.is_cancelled_;
    cancellation_.interrupt_ = [this] {
      const std::lock_guard inner(mutex_);
      is_cancelled_ = true;
      changed_.notify_all();
    };
  }
  try {
    watcher_ = std::thread([this] { watch(); });
  } catch (const std::system_error&) {
    // No room for a thread: the call ends with libfido2's own timeout, a little later.
  }
}

CancellableCall::~CancellableCall() {
  {
    const std::lock_guard lock(cancellation_.mutex_);
    cancellation_.interrupt_ = nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
  }
  if (watcher_.joinable()) watcher_.join();
}

void CancellableCall::watch() {
  prepare_fido_in_this_thread();
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline_, [this] { return is_over_ || is_cancelled_; });
  if (!is_over_) {
    key_.line().end_no_later_than(std::chrono::steady_clock::now() + kGrace);
  }
  while (!is_over_) {
    lock.unlock();
    fido_dev_cancel(key_.device());
    lock.lock();
    changed_.wait_for(lock, kSayAgain, [this] { return is_over_; });
  }
}

}  // namespace sekisho::authn
