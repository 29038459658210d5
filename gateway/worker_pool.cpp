#include "gateway/worker_pool.h"

#include <sched.h>

namespace sekisho::gateway {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue) : limit_(queue) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::submit(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= limit_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void WorkerPool::run() {
  // Whoever hashes a password gives way at once to whoever answers a check on the same core; a
  // merely nice thread may finish its time slice first.  On Linux the policy is a thread's own.
  // Should it be refused, passwords are hashed as fast as ever, and checks wait for them.
  constexpr sched_param kNoPriority{};
  (void)::sched_setscheduler(0, SCHED_IDLE, &kNoPriority);
  while (true) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace sekisho::gateway
