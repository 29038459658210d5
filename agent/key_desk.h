// The security keys of this machine, for conversations that must not block.
//
// Calls to a key block: they run on threads of the desk.  Whoever waits for one gives up when it
// is late or when the module hangs up (the person pressed Ctrl-C, the application was killed); the
// key is then told to stop blinking, and whatever it still answers is dropped.

#ifndef SEKISHO_AGENT_KEY_DESK_H_
#define SEKISHO_AGENT_KEY_DESK_H_

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "agent/channel.h"
#include "authn/factors/security_key.h"

namespace sekisho::agent {

class KeyDesk {
 public:
  enum class GaveUp { kLate, kHungUp };
  template <typename T>
  using Answer = std::expected<T, GaveUp>;
  template <typename T>
  using Work = std::move_only_function<T(authn::SecurityKeys&, authn::Cancellation&)>;

  // The references must outlive the desk.
  KeyDesk(boost::asio::io_context& io, authn::SecurityKeys& keys) : io_(io), keys_(keys) {}
  // Cancels what still runs and waits for it.
  ~KeyDesk();

  // Runs `work` on a thread of the desk.  It must not throw.  One call at a time for each channel,
  // and nothing else is done with the channel meanwhile.
  template <typename T>
  boost::asio::awaitable<Answer<T>> call(Channel& channel, Channel::Deadline deadline,
                                         Work<T> work);

 private:
  // More than one user's conversations, so that nobody but root can take all of them
  // (agent/admission.h).
  static constexpr std::size_t kThreads = 8;

  // Shared by the call and whoever waits for it; whichever ends last frees it.
  template <typename T>
  struct Job {
    explicit Job(boost::asio::io_context& io) : done(io) {}
    boost::asio::steady_timer done;  // cancelled when the answer is there, or nobody waits for it
    authn::Cancellation cancellation;
    std::optional<T> answer;
    bool is_given_up = false;
  };
  void remember(std::shared_ptr<authn::Cancellation> cancellation);

  boost::asio::io_context& io_;
  authn::SecurityKeys& keys_;
  std::vector<std::weak_ptr<authn::Cancellation>> running_;
  boost::asio::thread_pool threads_{kThreads};
};

template <typename T>
boost::asio::awaitable<KeyDesk::Answer<T>> KeyDesk::call(Channel& channel,
                                                         Channel::Deadline deadline, Work<T> work) {
  const auto job = std::make_shared<Job<T>>(io_);
  remember({job, &job->cancellation});
  job->done.expires_at(deadline);
  boost::asio::post(threads_, [job, &io = io_, &keys = keys_, work = std::move(work)]() mutable {
    T answer = work(keys, job->cancellation);
    boost::asio::post(io, [job = std::move(job), answer = std::move(answer)]() mutable {
      job->answer.emplace(std::move(answer));
      job->done.cancel();
    });
  });
  channel.watch([job] {
    job->is_given_up = true;
    job->done.cancel();
  });
  co_await job->done.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  channel.end_watch();
  if (job->is_given_up || !job->answer) {
    job->cancellation.cancel();
    co_return std::unexpected(job->is_given_up ? GaveUp::kHungUp : GaveUp::kLate);
  }
  co_return std::move(*job->answer);
}

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_KEY_DESK_H_
