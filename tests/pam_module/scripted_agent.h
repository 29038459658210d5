// An agent on a socket of its own that does what one test says, on a thread of its own.
#ifndef SEKISHO_TESTS_PAM_MODULE_SCRIPTED_AGENT_H_
#define SEKISHO_TESTS_PAM_MODULE_SCRIPTED_AGENT_H_

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <chrono>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "base/file.h"
#include "protocol/conversation.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::pam::testing {

// The agent's end of one conversation.
class AgentEnd {
 public:
  explicit AgentEnd(UniqueFd socket) : socket_(std::move(socket)) {}

  // Throws when the module hangs up or says nonsense: the test's thread then ends.
  conversation::FromModule receive() {
    std::array<std::uint8_t, conversation::kMaxFrame> bytes{};
    take(bytes.data(), conversation::kLengthBytes);
    const std::size_t length =
        conversation::frame_length(ByteView(bytes).first(conversation::kLengthBytes)).value();
    take(bytes.data(), length);
    return std::move(conversation::decode_from_module(ByteView(bytes).first(length)).value());
  }
  void send(const conversation::FromAgent& message) {
    send_bytes(conversation::encode(message).value().reveal());
  }
  void send_bytes(ByteView bytes) {
    if (::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) {
      throw std::runtime_error("send");
    }
  }
  // True when the module neither said anything nor hung up within `time`.
  bool is_silent_for(std::chrono::milliseconds time) {
    pollfd waiting{socket_.get(), POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(time.count())) == 0;
  }
  // Blocks until the module has hung up.
  void wait_for_the_end() {
    char byte = 0;
    while (::recv(socket_.get(), &byte, 1, 0) > 0) {
    }
  }

 private:
  void take(std::uint8_t* out, std::size_t count) {
    if (::recv(socket_.get(), out, count, MSG_WAITALL) != static_cast<ssize_t>(count)) {
      throw std::runtime_error("the module hung up");
    }
  }
  UniqueFd socket_;
};

class ScriptedAgent {
 public:
  using Script = std::function<void(AgentEnd&)>;

  explicit ScriptedAgent(Script script) : script_(std::move(script)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path().c_str());
    listener_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 1) != 0) {
      throw std::runtime_error("listen");
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedAgent() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  std::string path() const { return folder_.file("agent.sock"); }
  const std::string& folder() const { return folder_.path(); }

 private:
  void serve() {
    UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.valid()) return;
    AgentEnd end(std::move(socket));
    try {
      script_(end);
    } catch (const std::exception&) {
    }
  }

  sekisho::testing::TemporaryFolder folder_;
  Script script_;
  UniqueFd listener_;
  std::thread thread_;
};

}  // namespace sekisho::pam::testing

#endif  // SEKISHO_TESTS_PAM_MODULE_SCRIPTED_AGENT_H_
