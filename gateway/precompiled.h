// What nearly every file of this room reads: compiled once.
#ifndef SEKISHO_GATEWAY_PRECOMPILED_H_
#define SEKISHO_GATEWAY_PRECOMPILED_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#endif  // SEKISHO_GATEWAY_PRECOMPILED_H_
