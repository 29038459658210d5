// The network types of the gateway, with concrete executors: on the path of every request a
// type-erased one costs more than the work it carries (docs/decisions).

#ifndef SEKISHO_GATEWAY_NET_H_
#define SEKISHO_GATEWAY_NET_H_

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "base/ip_network.h"

namespace sekisho::gateway {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Executor = asio::io_context::executor_type;
// Of any kind of stream: a client's is TCP, a reverse proxy's may be a socket of this machine.
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
// A Task starts when it is awaited: what it takes by reference must live until then.
template <typename T = void>
using Task = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> use_task{};
// Completion as a tuple: network failures are values here, not exceptions.
inline constexpr auto use_outcome = asio::as_tuple(use_task);
using IoTask = Task<std::tuple<error_code, std::size_t>>;

inline IpAddress address_of(const asio::ip::address& address) {
  return address.is_v4() ? IpAddress::from_v4(address.to_v4().to_bytes())
                         : IpAddress::from_v6(address.to_v6().to_bytes());
}

inline asio::ip::address asio_address(const IpAddress& address) {
  return asio::ip::make_address(address.text());
}

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_NET_H_
