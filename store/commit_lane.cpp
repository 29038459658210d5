#include "store/commit_lane.h"

#include <future>
#include <utility>
#include <vector>

namespace sekisho::store {
namespace {

Result<void> run_in_savepoint(Store& store, const CommitLane::Job& job) {
  Result<Transaction> savepoint = store.begin();
  if (!savepoint) return fail(savepoint.error());
  if (auto done = job(store); !done) return done;
  return savepoint->commit();
}

}  // namespace

CommitLane::CommitLane(Store store, Limits limits)
    : store_(std::move(store)), limits_(limits), thread_([this] { work(); }) {}

CommitLane::~CommitLane() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool CommitLane::submit(Job job, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= limits_.queue) return false;
    queue_.push_back({std::move(job), std::move(done)});
  }
  wake_.notify_one();
  return true;
}

Result<void> CommitLane::run(const Job& job) {
  std::promise<Result<void>> promise;
  std::future<Result<void>> outcome = promise.get_future();
  if (!submit(job, [&](Result<void> done) { promise.set_value(std::move(done)); })) {
    return fail(ErrorCode::kBusy, "the store's queue is full");
  }
  return outcome.get();
}

std::size_t CommitLane::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void CommitLane::work() {
  while (true) {
    std::deque<Queued> batch;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      while (!queue_.empty() && batch.size() < limits_.batch) {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    run_batch(std::move(batch));
  }
}

void CommitLane::run_batch(std::deque<Queued> batch) {
  std::vector<Result<void>> outcomes;
  outcomes.reserve(batch.size());
  Result<void> whole;
  {
    Result<Transaction> transaction = store_.begin();
    if (!transaction) whole = fail(transaction.error());
    for (const Queued& queued : batch) {
      if (!whole) break;
      outcomes.push_back(run_in_savepoint(store_, queued.job));
      if (store_.database().is_autocommit()) {
        // The store gave up the whole transaction (disk full): nobody's change exists.
        whole = fail(outcomes.back() ? Error{ErrorCode::kInternal, "the store rolled back"}
                                     : outcomes.back().error());
      }
    }
    if (whole) whole = transaction->commit();
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].done(whole ? std::move(outcomes[i]) : whole);
  }
}

}  // namespace sekisho::store
