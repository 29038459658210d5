// Where a gateway's name leads, found in a bounded time.
//
// getaddrinfo(3) can take many seconds when a name server is down, and cannot be interrupted.  So
// the look-up runs beside the one who waits, who gives up in time; and the last answer is kept,
// so that a name server that went down does not take the logins with it.

#ifndef SEKISHO_AGENT_ADDRESS_BOOK_H_
#define SEKISHO_AGENT_ADDRESS_BOOK_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/configuration.h"
#include "base/result.h"

namespace sekisho::agent {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

class AddressBook {
 public:
  // The gateway's addresses, at least one.  kUnavailable when none is found before `deadline` and
  // none was known from before.
  boost::asio::awaitable<Result<Endpoints>> find(GatewayAddress gateway,
                                                 std::chrono::steady_clock::time_point deadline);

 private:
  std::map<std::string, Endpoints> known_;  // by URL
};

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_ADDRESS_BOOK_H_
