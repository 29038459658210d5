// One HTTPS request to one gateway, every step of it under a deadline.

#ifndef SEKISHO_AGENT_HTTPS_CLIENT_H_
#define SEKISHO_AGENT_HTTPS_CLIENT_H_

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "agent/address_book.h"
#include "agent/configuration.h"
#include "agent/tls.h"
#include "base/result.h"
#include "base/secret.h"

namespace sekisho::agent {

struct HttpRequest {
  std::string_view path;  // static
  Secret body;            // JSON; none makes it a GET
};
struct HttpResponse {
  unsigned status = 0;
  std::string body;
};

// A gateway, and how it is to be reached.
struct Route {
  GatewayAddress gateway;
  TlsContext tls;
  Patience patience;
};

// Looks up, connects and shakes hands within patience.connect in all, sends the request and reads
// the answer within patience.answer, and all of it within patience.question.  The gateway must show
// a certificate of the pinned authority for its host name or address.  kUnavailable when it cannot
// be reached or does not answer in time; kInvalid when its certificate is refused (which is logged:
// T-11), when it refuses ours, or when the answer is not HTTP or too long.
boost::asio::awaitable<Result<HttpResponse>> exchange(AddressBook& book, Route route,
                                                      HttpRequest request);

// The certificates the gateway shows, in PEM, without believing them.  Nothing is sent.
boost::asio::awaitable<Result<std::string>> shown_chain(AddressBook& book, Route route);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_HTTPS_CLIENT_H_
