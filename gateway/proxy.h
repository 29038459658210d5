// The built-in reverse proxy: the check in-process, then the request to its application and the
// answer back, bodies streamed both ways without being held whole.

#ifndef SEKISHO_GATEWAY_PROXY_H_
#define SEKISHO_GATEWAY_PROXY_H_

#include <string>

#include "authn/access_rules.h"
#include "gateway/event_loop.h"
#include "gateway/message_reader.h"

namespace sekisho::gateway {

struct ProxiedRequest {
  EventLoop& loop;
  std::shared_ptr<const Site> site;
  const authn::Application& application;
  Stream& stream;  // the client's
  InputBuffer& buffer;
  RequestReader& reader;
  IpAddress client;
  std::string_view host;  // as the client wrote it
};

// Decides, forwards and answers.  True: the connection may be used for another request.
Task<bool> proxy_request(ProxiedRequest request);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_PROXY_H_
