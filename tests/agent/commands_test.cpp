#include "agent/commands.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <stdexcept>

#include "tests/support/catch.h"

namespace sekisho::agent {
namespace {

boost::asio::awaitable<void> falls() {
  throw std::runtime_error("out of memory");
  co_return;
}

TEST_CASE("work that must last ends the program with what it threw", "[agent]") {
  boost::asio::io_context io;
  boost::asio::co_spawn(io, falls(), &end_with);
  CHECK_THROWS_WITH(io.run(), "out of memory");
  CHECK_NOTHROW(end_with(nullptr));
}

}  // namespace
}  // namespace sekisho::agent
