// The threads on which calls to security keys block, and who may have how many of them.
//
// A call may go on after its conversation has ended, because a key is slow to stop: its turn ends
// when the call does, so that nobody piles up calls by hanging up.  There are as many turns as
// threads, and nothing is queued: who finds none is told so at once.

#ifndef SEKISHO_AGENT_KEY_THREADS_H_
#define SEKISHO_AGENT_KEY_THREADS_H_

#include <sys/types.h>

#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "authn/factors/security_key.h"

namespace sekisho::agent {

class KeyTurns {
 public:
  static constexpr std::size_t kMost = 8;
  // Root's are everybody's logins and sudos; two are left to lockers, and one locker fills neither.
  static constexpr std::size_t kMostOfRoot = 6;
  static constexpr std::size_t kMostOfOneUser = 2;

  // Ends with its owner, on whatever thread.
  using Turn = std::shared_ptr<void>;

  // nullopt when the user, or everybody together, has as many as there may be.
  std::optional<Turn> take(uid_t user);

 private:
  struct Counts {
    std::mutex mutex;
    std::map<uid_t, std::size_t> of;
    std::size_t all = 0;
  };
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

class KeyThreads {
 public:
  KeyThreads() = default;
  // Cancels what still runs and waits for it.
  ~KeyThreads();
  KeyThreads(const KeyThreads&) = delete;
  KeyThreads& operator=(const KeyThreads&) = delete;

  KeyTurns& turns() { return turns_; }
  boost::asio::thread_pool& pool() { return pool_; }
  // To be cancelled at the end.
  void remember(std::shared_ptr<authn::Cancellation> cancellation);

 private:
  KeyTurns turns_;
  std::vector<std::weak_ptr<authn::Cancellation>> running_;
  boost::asio::thread_pool pool_{KeyTurns::kMost};
};

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_KEY_THREADS_H_
