#include "agent/conversation_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "agent/key_desk.h"
#include "agent/login_conversation.h"
#include "base/log.h"

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using conversation::Status;

constexpr std::chrono::seconds kBeginTimeout{5};
constexpr std::chrono::milliseconds kPauseWithoutDescriptors{200};

std::string_view name_of(Status status) {
  switch (status) {
    case Status::kGranted:
      return "granted";
    case Status::kDenied:
      return "denied";
    case Status::kMaxTries:
      return "locked";
    case Status::kUnavailable:
      return "unavailable";
    case Status::kConversationError:
      return "conversation_error";
    case Status::kNotEntitled:
      return "not_entitled";
  }
  return "unavailable";
}

// Whoever is not root may connect by himself and claim any service and place: they are marked or
// dropped, so that the audit log does not repeat them as the system's word.
void mark_claims(conversation::Begin& begin) {
  begin.service = conversation::made_plain("user:" + begin.service, conversation::kMaxService);
  begin.tty.clear();
  begin.rhost.clear();
}

asio::awaitable<std::optional<std::string>> user_name(uid_t uid) {
  co_return user_name_of(uid);
}

}  // namespace

ConversationServer::ConversationServer(asio::io_context& io, const Tools& tools, Setting setting)
    : io_(io), tools_(tools), setting_(std::move(setting)), acceptor_(io) {}

ConversationServer::~ConversationServer() {
  if (is_listening_) ::unlink(setting_.socket.c_str());
}

Result<void> ConversationServer::listen() {
  const stream_protocol::endpoint endpoint(setting_.socket);
  boost::system::error_code ec;
  stream_protocol::socket probe(io_);
  probe.connect(endpoint, ec);
  if (!ec) {
    return fail(ErrorCode::kAlreadyExists, "another agent listens on " + setting_.socket);
  }
  if (ec == asio::error::connection_refused) ::unlink(setting_.socket.c_str());
  const auto problem = [this](const boost::system::error_code& why) {
    return fail(ErrorCode::kUnavailable,
                "cannot listen on " + setting_.socket + ": " + why.message());
  };
  if (acceptor_.open(endpoint.protocol(), ec); ec) return problem(ec);
  if (acceptor_.bind(endpoint, ec); ec) return problem(ec);
  is_listening_ = true;
  // Lockers run as ordinary users.  Nobody can connect before listen(2).
  if (::chmod(setting_.socket.c_str(), 0666) != 0) {
    return fail(ErrorCode::kDenied, "cannot open " + setting_.socket + " to every user");
  }
  if (acceptor_.listen(asio::socket_base::max_listen_connections, ec); ec) return problem(ec);
  return {};
}

asio::awaitable<void> ConversationServer::accept() {
  asio::steady_timer pause(io_);
  while (acceptor_.is_open()) {
    auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (ec == asio::error::operation_aborted) co_return;
    if (ec) {
      // No descriptors left, most likely.  Conversations that end give some back.
      log::write(log::Level::kError, "accept_failed", JsonObject().add("reason", ec.message()));
      pause.expires_after(kPauseWithoutDescriptors);
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
      continue;
    }
    Channel channel(std::move(socket));
    const Result<Channel::Peer> peer = channel.peer();
    if (!peer) continue;
    if (!admission_.enter(peer->uid)) {
      // Hung up without a word: a word would have to be waited for.
      log::write(log::Level::kWarning, "too_many_conversations",
                 JsonObject().add("uid", static_cast<std::int64_t>(peer->uid)));
      continue;
    }
    asio::co_spawn(io_, converse(std::move(channel), *peer), asio::detached);
  }
}

void ConversationServer::stop(std::function<void()> idle) {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  if (is_listening_) ::unlink(setting_.socket.c_str());
  is_listening_ = false;
  idle_ = std::move(idle);
  if (admission_.is_empty() && idle_) idle_();
}

void ConversationServer::ended(uid_t peer) {
  admission_.leave(peer);
  if (admission_.is_empty() && idle_) idle_();
}

bool ConversationServer::may_use_keys(const Asker& asker, pid_t process) const {
  return agent::may_use_keys(asker, setting_.sessions.of(process, asker.uid));
}

// The per-conversation guard: whatever is thrown inside ends this conversation and no other.
asio::awaitable<void> ConversationServer::converse(Channel channel, Channel::Peer peer) {
  try {
    const Status status = co_await converse_with(channel, peer);
    conversation::Finish finish{status};
    const Result<void> told = co_await channel.send(finish);
    if (!told) log::write(log::Level::kInfo, "module_hung_up");
  } catch (const std::exception& problem) {
    log::write(log::Level::kError, "conversation_failed",
               JsonObject().add("reason", problem.what()));
  }
  ended(peer.uid);
}

asio::awaitable<Status> ConversationServer::converse_with(Channel& channel, Channel::Peer peer) {
  Result<conversation::FromModule> first =
      co_await channel.receive(std::chrono::steady_clock::now() + kBeginTimeout);
  conversation::Begin* const begin = first ? std::get_if<conversation::Begin>(&*first) : nullptr;
  if (begin == nullptr) {
    log::write(log::Level::kWarning, "malformed_conversation",
               JsonObject()
                   .add("uid", static_cast<std::int64_t>(peer.uid))
                   .add("reason", first ? "it does not begin with Begin" : first.error().message));
    co_return Status::kUnavailable;
  }
  const conversation::Language language =
      conversation::language_of_locale(begin->locale, setting_.language);
  KeyDesk desk(io_, key_threads_, tools_.keys,
               {peer.uid, [this, peer, service = begin->service, rhost = begin->rhost] {
                  return may_use_keys({peer.uid, service, rhost}, peer.pid);
                }});
  const LoginConversation::Keys keys =
      may_use_keys({peer.uid, begin->service, begin->rhost}, peer.pid)
          ? LoginConversation::Keys::kOffered
          : LoginConversation::Keys::kNotHere;
  std::optional<std::string> name;
  if (peer.uid != 0) {
    mark_claims(*begin);
    name = co_await asio::co_spawn(names_, user_name(peer.uid), asio::use_awaitable);
  }
  JsonObject entry;
  entry.add("uid", static_cast<std::int64_t>(peer.uid))
      .add("service", begin->service)
      .add("tty", begin->tty)
      .add("rhost", begin->rhost);
  Status status = Status::kNotEntitled;
  if (may_ask_about(peer.uid, name, begin->user)) {
    // The name is logged only when it was proven: people type passwords into the wrong field.
    const std::string claimed_user = begin->user;
    const LoginConversation::Tools tools{tools_.gateways, desk, setting_.key_times, tools_.clock};
    LoginConversation login(channel, language, tools, keys);
    status = co_await login.run(std::move(*begin));
    if (status == Status::kGranted) entry.add("user", claimed_user);
  } else {
    conversation::Problem problem{text_of(Message::kNotEntitled, language)};
    const Result<void> told = co_await channel.send(std::move(problem));
    if (!told) status = Status::kConversationError;
  }
  log::write(log::Level::kInfo, "login", entry.add("outcome", name_of(status)));
  co_return status;
}

}  // namespace sekisho::agent
