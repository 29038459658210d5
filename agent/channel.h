// The agent's end of one conversation: frames to and from the PAM module, each under a deadline.

#ifndef SEKISHO_AGENT_CHANNEL_H_
#define SEKISHO_AGENT_CHANNEL_H_

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "base/result.h"
#include "protocol/conversation.h"

namespace sekisho::agent {

class Channel {
 public:
  using Socket = boost::asio::local::stream_protocol::socket;
  using Deadline = std::chrono::steady_clock::time_point;

  explicit Channel(Socket socket);

  // Who is on the other side, as the kernel tells (SO_PEERCRED): the process, and its effective
  // user, when it connected.
  struct Peer {
    uid_t uid = 0;
    pid_t pid = 0;
  };
  Result<Peer> peer() const;

  // The module's next message.  kUnavailable when it has hung up, kBusy when the deadline passed
  // and it can still be spoken to, kInvalid or kUnsupported as the codec says.
  boost::asio::awaitable<Result<conversation::FromModule>> receive(Deadline deadline);

  // kUnavailable when the module has hung up or does not read; kInvalid when it cannot be encoded.
  boost::asio::awaitable<Result<void>> send(conversation::FromAgent message);

  // Calls `stirred` once when the module hangs up, or says something it was not asked, before
  // end_watch().  Nothing is received or sent in between.
  void watch(std::function<void()> stirred);
  void end_watch();

 private:
  // Outlives the Channel until the last timer has been heard.
  struct Shared {
    explicit Shared(Socket connected)
        : socket(std::move(connected)), timer(socket.get_executor()) {}
    Socket socket;
    boost::asio::steady_timer timer;
    unsigned turn = 0;  // of the operation under way
    bool timed_out = false;
  };
  void start_deadline(Deadline deadline);
  void end_deadline();

  std::shared_ptr<Shared> shared_;
};

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_CHANNEL_H_
