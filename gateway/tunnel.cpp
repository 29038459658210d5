#include "gateway/tunnel.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "gateway/gate.h"

namespace sekisho::gateway {
namespace {

class Tunnel : public Watched {
 public:
  Tunnel(EventLoop& loop, Stream& client, Stream& application, TunnelRequest request)
      : Watched(loop),
        loop_(loop),
        client_(client),
        application_(application),
        request_(std::move(request)) {}

  Task<> pump(Stream& from, Stream& to);
  void check() override;
  void close() {
    client_.close();
    application_.close();
  }
  void note_activity() {
    const auto idle = loop_.site()->settings.limits.tunnel_idle_timeout;
    client_.expire_after(idle);
    application_.expire_after(idle);
  }

 private:
  EventLoop& loop_;
  Stream& client_;
  Stream& application_;
  const TunnelRequest request_;
};

Task<> Tunnel::pump(Stream& from, Stream& to) {
  std::vector<char> bytes(16 * 1024);
  while (true) {
    const auto [failed, count] = co_await from.read_some(asio::buffer(bytes));
    if (failed) break;
    note_activity();
    if (co_await to.write({bytes.data(), count})) break;
  }
  close();
}

// The rules may be others by now, so the application is looked up by its name.
void Tunnel::check() {
  if (loop_.is_stopping()) return close();
  const auto site = loop_.site();
  for (const authn::Application& application : site->rules.applications()) {
    if (application.name != request_.application) continue;
    if (may_stay(loop_, *site,
                 {kProxyDoor, application, request_.target, request_.client, request_.token})) {
      return;
    }
  }
  close();
}

}  // namespace

Task<> run_tunnel(EventLoop& loop, Stream& client, Stream& application, TunnelRequest request,
                  std::string early) {
  using namespace asio::experimental::awaitable_operators;
  Tunnel tunnel(loop, client, application, std::move(request));
  tunnel.note_activity();
  if (!early.empty() && co_await client.write(early)) {
    tunnel.close();
    co_return;
  }
  co_await (tunnel.pump(client, application) && tunnel.pump(application, client));
}

}  // namespace sekisho::gateway
