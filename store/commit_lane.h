// The writer of a busy process: one thread, one Store, and one fsync for many changes.
//
// Jobs queue up; the lane runs as many as are waiting inside one transaction, each in a
// savepoint of its own, commits, and only then tells every job's outcome.  A job that fails
// leaves no trace and does not disturb its neighbours; a commit that fails (disk full) turns the
// whole batch into that Error.  "Durable before said" is kept here.

#ifndef SEKISHO_STORE_COMMIT_LANE_H_
#define SEKISHO_STORE_COMMIT_LANE_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "store/store.h"

namespace sekisho::store {

class CommitLane {
 public:
  // Changes what it likes in the store; an Error undoes it.
  using Job = std::function<Result<void>(Store&)>;
  // Called on the lane's thread, once: no value after the change is durable, else why not.
  using Done = std::function<void(Result<void>)>;

  struct Limits {
    std::size_t queue = 4096;  // jobs waiting; beyond it submit refuses
    std::size_t batch = 256;   // jobs in one commit
  };

  CommitLane(Store store, Limits limits);
  // Finishes what is queued.
  ~CommitLane();
  CommitLane(const CommitLane&) = delete;
  CommitLane& operator=(const CommitLane&) = delete;

  // False when the queue is full: the caller must refuse its request (503).
  [[nodiscard]] bool submit(Job job, Done done);
  // Submits and waits; kBusy when the queue is full.  For threads that may block.
  Result<void> run(const Job& job);

  std::size_t waiting() const;

 private:
  struct Queued {
    Job job;
    Done done;
  };
  void work();
  void run_batch(std::deque<Queued> batch);

  Store store_;
  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Queued> queue_;
  bool stopping_ = false;
  std::thread thread_;  // last: starts when everything else stands
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_COMMIT_LANE_H_
