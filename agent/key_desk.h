// The security keys of this machine, for one conversation, which must not block.
//
// Calls to a key block: they run on threads (key_threads.h).  Whoever waits for one gives up when
// it is late or when the module hangs up (the person pressed Ctrl-C, the application was killed);
// the key is then told to stop blinking, and whatever it still answers is dropped.

#ifndef SEKISHO_AGENT_KEY_DESK_H_
#define SEKISHO_AGENT_KEY_DESK_H_

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "agent/channel.h"
#include "agent/key_threads.h"
#include "authn/factors/security_key.h"
#include "base/log.h"

namespace sekisho::agent {

class KeyDesk {
 public:
  enum class GaveUp {
    kLate,
    kHungUp,
    kBusy,     // as many calls are under way as there may be
    kNotHere,  // the person no longer sits here
    kBroken,   // the call threw
  };
  template <typename T>
  using Answer = std::expected<T, GaveUp>;
  template <typename T>
  using Work = std::move_only_function<T(authn::SecurityKeys&, authn::Cancellation&)>;

  // For whom keys are asked, and whether they still may be: sessions come and go.
  struct Visitor {
    uid_t uid = 0;
    std::function<bool()> may_use_keys;
  };
  // The references must outlive the desk.
  KeyDesk(boost::asio::io_context& io, KeyThreads& threads, authn::SecurityKeys& keys,
          Visitor visitor)
      : io_(io), threads_(threads), keys_(keys), visitor_(std::move(visitor)) {}

  // Runs `work` on a thread, or not at all.  One call at a time for each channel, and nothing else
  // is done with the channel meanwhile.
  template <typename T>
  boost::asio::awaitable<Answer<T>> call(Channel& channel, Channel::Deadline deadline,
                                         Work<T> work);

 private:
  // Shared by the call and whoever waits for it; whichever ends last frees it.
  template <typename T>
  struct Job {
    explicit Job(boost::asio::io_context& io) : done(io) {}
    boost::asio::steady_timer done;  // cancelled when the answer is there, or nobody waits for it
    authn::Cancellation cancellation;
    std::optional<Answer<T>> answer;
    bool is_given_up = false;
  };
  template <typename T>
  static Answer<T> outcome_of(Work<T>& work, authn::SecurityKeys& keys,
                              authn::Cancellation& cancellation);

  boost::asio::io_context& io_;
  KeyThreads& threads_;
  authn::SecurityKeys& keys_;
  Visitor visitor_;
};

template <typename T>
KeyDesk::Answer<T> KeyDesk::outcome_of(Work<T>& work, authn::SecurityKeys& keys,
                                       authn::Cancellation& cancellation) {
  // Nobody waits for it any longer.
  if (cancellation.is_cancelled()) return std::unexpected(GaveUp::kHungUp);
  // Out of a thread nothing may be thrown: the agent would end, and with it every login.
  try {
    return work(keys, cancellation);
  } catch (const std::exception& problem) {
    log::write(log::Level::kError, "key_call_failed", JsonObject().add("reason", problem.what()));
    return std::unexpected(GaveUp::kBroken);
  }
}

template <typename T>
boost::asio::awaitable<KeyDesk::Answer<T>> KeyDesk::call(Channel& channel,
                                                         Channel::Deadline deadline, Work<T> work) {
  if (!visitor_.may_use_keys()) co_return std::unexpected(GaveUp::kNotHere);
  std::optional<KeyTurns::Turn> turn = threads_.turns().take(visitor_.uid);
  if (!turn) {
    log::write(log::Level::kWarning, "too_many_key_calls",
               JsonObject().add("uid", static_cast<std::int64_t>(visitor_.uid)));
    co_return std::unexpected(GaveUp::kBusy);
  }
  const auto job = std::make_shared<Job<T>>(io_);
  threads_.remember({job, &job->cancellation});
  job->done.expires_at(deadline);
  boost::asio::post(threads_.pool(), [job, turn = std::move(*turn), &io = io_, &keys = keys_,
                                      work = std::move(work)]() mutable {
    Answer<T> answer = outcome_of(work, keys, job->cancellation);
    turn.reset();
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
