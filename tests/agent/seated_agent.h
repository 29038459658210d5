// An agent on a socket of its own with a gateway that answers as one test says, and the PAM
// module's end of a conversation with it.
#ifndef SEKISHO_TESTS_AGENT_SEATED_AGENT_H_
#define SEKISHO_TESTS_AGENT_SEATED_AGENT_H_

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "agent/conversation_server.h"
#include "base/file.h"
#include "tests/agent/fake_gateway.h"
#include "tests/agent/fake_security_keys.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::agent::testing {

inline const TestAuthority& authority() {
  static const TestAuthority one;
  return one;
}

// The PAM module's end of a conversation.
class Module {
 public:
  explicit Module(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
      throw std::runtime_error("connect");
    }
  }
  void send(conversation::FromModule message) {
    send_bytes(conversation::encode(message).value().reveal());
  }
  void send_bytes(ByteView bytes) {
    if (::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) {
      throw std::runtime_error("send");
    }
  }
  void reply(std::string_view text) { send(conversation::Reply{Secret(text)}); }
  // Throws when the agent has hung up.
  conversation::FromAgent receive() {
    std::array<std::uint8_t, conversation::kMaxFrame> bytes{};
    take(bytes.data(), conversation::kLengthBytes);
    const std::size_t length =
        conversation::frame_length(ByteView(bytes).first(conversation::kLengthBytes)).value();
    take(bytes.data(), length);
    return conversation::decode_from_agent(ByteView(bytes).first(length)).value();
  }
  template <typename Message>
  Message expect() {
    return std::get<Message>(receive());
  }
  bool has_hung_up() {
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, 0) <= 0;
  }
  void hang_up() { socket_.reset(); }

 private:
  void take(std::uint8_t* out, std::size_t count) {
    if (::recv(socket_.get(), out, count, MSG_WAITALL) != static_cast<ssize_t>(count)) {
      throw std::runtime_error("the agent hung up");
    }
  }
  UniqueFd socket_;
};

// How an agent is to be; the rest of it may be changed while it runs.
struct AgentSetting {
  std::optional<GatewayAddress> elsewhere{};  // another gateway than its own
  authn::SecurityKeys* keys = nullptr;        // other keys than its own
  KeyTimes key_times{};
  // Where nobody has a session, whatever runs the tests: the person sits here for root's programs.
  LoginSessions sessions{"/proc", "/nonexistent", "/nonexistent"};
};

class Agent {
 public:
  std::vector<terminal_api::Factor> factors{terminal_api::Factor::kPassword,
                                            terminal_api::Factor::kTotp,
                                            terminal_api::Factor::kRecovery};
  std::optional<terminal_api::KeyChallenge> challenge;  // with kSecurityKey
  std::chrono::seconds expires_in{60};
  terminal_api::FinishResponse verdict{.verdict = terminal_api::Verdict::kGranted};
  FakeGateway::Answer trouble{0, ""};  // instead of any answer, when its status is not 0
  FakeSecurityKeys keys;

  explicit Agent(AgentSetting setting = {})
      : gateway_(authority(), [this](const auto& question) { return answer(question); }),
        client_({setting.elsewhere.value_or(gateway_.address())}, {kPatience, kPatience},
                tls_of_terminal(identity_of(authority(), "t1")).value()),
        server_(io_, {client_, setting.keys == nullptr ? keys : *setting.keys, clock_},
                {path(), conversation::Language::kJapanese, setting.key_times,
                 std::move(setting.sessions)}) {
    REQUIRE(server_.listen());
    boost::asio::co_spawn(io_, server_.accept(), boost::asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Agent() {
    if (thread_.joinable()) stop();
  }
  void stop() {
    boost::asio::post(io_, [this] { server_.stop([this] { io_.stop(); }); });
    thread_.join();
  }
  // As at the end of the grace, with conversations under way.
  void stop_at_once() {
    io_.stop();
    thread_.join();
  }

  std::string path() const { return folder_.file("agent.sock"); }
  std::vector<FakeGateway::Question> asked() const { return gateway_.asked(); }

 private:
  static constexpr std::chrono::milliseconds kPatience{1000};

  FakeGateway::Answer answer(const FakeGateway::Question& question) {
    if (trouble.status != 0) return trouble;
    if (question.path == terminal_api::kBeginPath) {
      const terminal_api::BeginResponse begun{"tx", factors, expires_in, challenge};
      return {200, terminal_api::encode(begun).value()};
    }
    return {200, terminal_api::encode(verdict).value()};
  }

  sekisho::testing::TemporaryFolder folder_;
  FakeGateway gateway_;
  boost::asio::io_context io_{1};
  SystemClock clock_;
  GatewayClient client_;
  ConversationServer server_;
  std::thread thread_;
};

inline conversation::Begin taro(const std::string& locale = "en_US.UTF-8") {
  return {"taro", "login", "tty1", "", locale, false};
}

}  // namespace sekisho::agent::testing

#endif  // SEKISHO_TESTS_AGENT_SEATED_AGENT_H_
