// The agent's Unix socket: accepts PAM modules and holds a conversation with each.

#ifndef SEKISHO_AGENT_CONVERSATION_SERVER_H_
#define SEKISHO_AGENT_CONVERSATION_SERVER_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <string>

#include "agent/admission.h"
#include "agent/channel.h"
#include "agent/gateway_client.h"
#include "agent/key_threads.h"
#include "agent/login_conversation.h"
#include "agent/login_sessions.h"
#include "base/clock.h"
#include "base/result.h"

namespace sekisho::agent {

class ConversationServer {
 public:
  struct Setting {
    std::string socket;
    conversation::Language language;  // for sessions that name no locale
    KeyTimes key_times{};
    LoginSessions sessions{};
  };
  struct Tools {
    GatewayClient& gateways;
    authn::SecurityKeys& keys;
    const Clock& clock;
  };

  // The references must outlive the server, which must outlive the io_context's run.
  ConversationServer(boost::asio::io_context& io, const Tools& tools, Setting setting);
  ~ConversationServer();

  // Listens on the socket, which everybody may connect to.  kAlreadyExists when another agent
  // listens there; a socket that a crash left behind is replaced.
  Result<void> listen();
  // Accepts until stop().
  boost::asio::awaitable<void> accept();
  // Accepts no more.  `idle` is called once the last conversation has ended, at once if there is
  // none.
  void stop(std::function<void()> idle);

 private:
  boost::asio::awaitable<void> converse(Channel channel, Channel::Peer peer);
  boost::asio::awaitable<conversation::Status> converse_with(Channel& channel, Channel::Peer peer);
  // What the person may do now; the session may end, or be joined from afar, a moment later.
  bool may_use_keys(const Asker& asker, pid_t process) const;
  void ended(uid_t peer);

  boost::asio::io_context& io_;
  Tools tools_;
  Setting setting_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::thread_pool names_{1};  // looks up users, which may be slow
  KeyThreads key_threads_;
  Admission admission_;
  std::function<void()> idle_;
  bool is_listening_ = false;
};

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_CONVERSATION_SERVER_H_
