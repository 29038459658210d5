#include "gateway/tunnel.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace sekisho::gateway {
namespace {

class Tunnel : public SessionWatch {
 public:
  Tunnel(EventLoop& loop, Stream& client, Stream& application, Admitted admitted)
      : SessionWatch(loop, client, application, std::move(admitted)),
        loop_(loop),
        client_(client),
        application_(application) {
    end_at_stop();
  }

  Task<> pump(Stream& from, Stream& to);
  void note_activity() {
    const auto idle = loop_.site()->settings.limits.tunnel_idle_timeout;
    client_.expire_after(idle);
    application_.expire_after(idle);
  }

 private:
  EventLoop& loop_;
  Stream& client_;
  Stream& application_;
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

}  // namespace

Task<> run_tunnel(EventLoop& loop, Stream& client, Stream& application, Admitted admitted,
                  std::string from_client, std::string from_application) {
  using namespace asio::experimental::awaitable_operators;
  Tunnel tunnel(loop, client, application, std::move(admitted));
  tunnel.note_activity();
  // One by one: in && and || g++ 12 mistakes which way a co_await went.
  error_code lost = co_await client.write(from_application);
  if (!lost) lost = co_await application.write(from_client);
  if (lost) {
    tunnel.close();
    co_return;
  }
  co_await (tunnel.pump(client, application) && tunnel.pump(application, client));
}

}  // namespace sekisho::gateway
