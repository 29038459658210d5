// The lane of slow work: a few threads for Argon2id behind a bounded queue, so that a flood of
// passwords can never delay a forward-auth check.

#ifndef SEKISHO_GATEWAY_WORKER_POOL_H_
#define SEKISHO_GATEWAY_WORKER_POOL_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sekisho::gateway {

class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t queue);
  // Finishes what is queued.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False when the queue is full: answer 503.
  [[nodiscard]] bool submit(std::function<void()> work);
  std::size_t waiting() const;

 private:
  void run();
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_WORKER_POOL_H_
