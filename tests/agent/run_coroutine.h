// Runs one coroutine to its end and returns what it returned.
#ifndef SEKISHO_TESTS_AGENT_RUN_COROUTINE_H_
#define SEKISHO_TESTS_AGENT_RUN_COROUTINE_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

namespace sekisho::agent::testing {

template <typename T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> work) {
  std::optional<T> outcome;
  boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr thrown, T value) {
    if (thrown) std::rethrow_exception(thrown);
    outcome = std::move(value);
    io.stop();
  });
  io.restart();
  io.run();
  return std::move(outcome.value());
}

template <typename T>
T run(boost::asio::awaitable<T> work) {
  boost::asio::io_context io;
  return run(io, std::move(work));
}

}  // namespace sekisho::agent::testing

#endif  // SEKISHO_TESTS_AGENT_RUN_COROUTINE_H_
