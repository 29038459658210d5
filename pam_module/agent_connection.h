// The module's end of the agent's socket: frames in and out, each under a deadline.
//
// The agent is whoever listens on the configured path, so the path must be one that only root or
// the agent's own user could have put there; open() looks.  Nothing here raises SIGPIPE, and the
// descriptor does not survive an exec.

#ifndef SEKISHO_PAM_MODULE_AGENT_CONNECTION_H_
#define SEKISHO_PAM_MODULE_AGENT_CONNECTION_H_

#include <chrono>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/result.h"
#include "protocol/conversation.h"

namespace sekisho::pam {

class AgentConnection {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // Connects.  kUnavailable when nobody listens or accepts in time, kDenied when the folder of
  // `path` can be written by others or the listener is neither root nor that folder's owner.
  static Result<AgentConnection> open(const std::string& path, Deadline deadline);

  // Over a connected socket, for tests.
  explicit AgentConnection(UniqueFd socket) : socket_(std::move(socket)) {}

  // kUnavailable when the agent has hung up or does not take it in time.  What the agent said
  // before it hung up can still be received.
  Result<void> send(const conversation::FromModule& message, Deadline deadline);

  // The next message.  kUnavailable when none comes in time, kInvalid when it is malformed.
  Result<conversation::FromAgent> receive(Deadline deadline);

 private:
  Result<void> receive_exactly(std::span<std::uint8_t> out, Deadline deadline);

  UniqueFd socket_;
};

}  // namespace sekisho::pam

#endif  // SEKISHO_PAM_MODULE_AGENT_CONNECTION_H_
