#include "agent/address_book.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Shared by the look-up and the one who waits for it; whoever ends last frees it.
struct LookUp {
  explicit LookUp(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}
  tcp::resolver resolver;
  asio::steady_timer done;  // cancelled when the answer is there
  std::optional<Endpoints> answer;
};

}  // namespace

asio::awaitable<Result<Endpoints>> AddressBook::find(
    GatewayAddress gateway, std::chrono::steady_clock::time_point deadline) {
  boost::system::error_code ec;
  const asio::ip::address literal = asio::ip::make_address(gateway.host, ec);
  if (!ec) {
    Endpoints one{tcp::endpoint(literal, gateway.port)};
    co_return one;
  }
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto look_up = std::make_shared<LookUp>(executor);
  look_up->done.expires_at(deadline);
  look_up->resolver.async_resolve(gateway.host, std::to_string(gateway.port),
                                  tcp::resolver::numeric_service,
                                  [look_up](const boost::system::error_code& problem,
                                            const tcp::resolver::results_type& found) {
                                    if (!problem) {
                                      look_up->answer.emplace();
                                      for (const auto& entry : found)
                                        look_up->answer->push_back(entry.endpoint());
                                    }
                                    look_up->done.cancel();
                                  });
  co_await look_up->done.async_wait(asio::as_tuple(asio::use_awaitable));
  look_up->resolver.cancel();
  Endpoints& known = known_[gateway.url()];
  if (look_up->answer && !look_up->answer->empty()) known = *look_up->answer;
  if (known.empty()) {
    co_return fail(ErrorCode::kUnavailable, "the name " + gateway.host + " cannot be resolved");
  }
  co_return known;
}

}  // namespace sekisho::agent
