// The gateways, as the agent knows them: asks the one that answered last, then the others.
//
// A gateway that cannot be reached or does not answer in time is passed over, and none may use up
// the time of the next; a gateway that refuses this terminal has decided, and no other is asked.

#ifndef SEKISHO_AGENT_GATEWAY_CLIENT_H_
#define SEKISHO_AGENT_GATEWAY_CLIENT_H_

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/https_client.h"
#include "protocol/terminal_api.h"

namespace sekisho::agent {

// A login that a gateway has begun.  Only that gateway is asked to finish it: whether another one
// heard of it is not ours to guess.
struct BegunLogin {
  GatewayAddress gateway;
  terminal_api::BeginResponse response;
};

class GatewayClient {
 public:
  // Precondition: at least one gateway.
  GatewayClient(std::vector<GatewayAddress> gateways, Patience patience, TlsContext tls);

  // From now on speaks with this identity.
  void use(TlsContext tls) { tls_ = std::move(tls); }

  // The identity to speak with instead of `now`, if there is a newer one.  Asked when no gateway
  // gives a good answer, because the terminal may have joined again while the agent runs.
  using Successor = std::function<std::optional<TlsContext>(const TlsContext& now)>;
  void succeed_by(Successor successor) { successor_ = std::move(successor); }

  // For each: kDenied when the gateway refuses this terminal (revoked, unknown, expired),
  // kUnavailable when none could be asked, kInvalid when what was said is not the Terminal API.
  boost::asio::awaitable<Result<BegunLogin>> begin(terminal_api::BeginRequest request);
  boost::asio::awaitable<Result<terminal_api::FinishResponse>> finish(
      GatewayAddress gateway, terminal_api::FinishRequest request);
  boost::asio::awaitable<Result<terminal_api::RenewResponse>> renew(
      terminal_api::RenewRequest request);
  // Of one gateway.
  boost::asio::awaitable<Result<terminal_api::StatusResponse>> status(GatewayAddress gateway);
  // Joining is asked once: a token that was heard is spent.
  boost::asio::awaitable<Result<terminal_api::JoinResponse>> join(
      GatewayAddress gateway, terminal_api::JoinRequest request);

  const std::vector<GatewayAddress>& gateways() const { return gateways_; }
  // Whom the gateways know us as now; "" before joining.
  std::string terminal() const { return name_in(tls_); }

 private:
  // A good answer's body, and who gave it.
  struct Answer {
    GatewayAddress gateway;
    std::string body;
  };
  boost::asio::awaitable<Result<Answer>> ask_one(GatewayAddress gateway, Patience patience,
                                                 HttpRequest request);
  boost::asio::awaitable<Result<Answer>> ask_any(std::string_view path, std::string body);
  boost::asio::awaitable<Result<Answer>> ask_in_turn(std::string_view path, const std::string& body,
                                                     std::chrono::steady_clock::time_point end);

  std::vector<GatewayAddress> gateways_;
  Patience patience_;
  TlsContext tls_;
  Successor successor_;
  AddressBook book_;
  std::size_t last_good_ = 0;
};

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_GATEWAY_CLIENT_H_
