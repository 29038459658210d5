// Runs one coroutine to its end and returns what it returned: for commands that do one thing.

#ifndef SEKISHO_AGENT_RUN_TO_END_H_
#define SEKISHO_AGENT_RUN_TO_END_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace sekisho::agent {

template <typename T>
T run_to_end(boost::asio::awaitable<T> work) {
  boost::asio::io_context io;
  std::optional<T> outcome;
  std::exception_ptr thrown;
  boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr problem, T value) {
    thrown = problem;
    outcome = std::move(value);
  });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*outcome);
}

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_RUN_TO_END_H_
