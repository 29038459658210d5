// The built-in reverse proxy: the check in-process, then the request to its application and the
// answer back, bodies streamed both ways without being held whole.

#ifndef SEKISHO_GATEWAY_PROXY_H_
#define SEKISHO_GATEWAY_PROXY_H_

#include <string>

#include "authn/access_rules.h"
#include "gateway/event_loop.h"
#include "gateway/message_reader.h"
#include "gateway/pages/language.h"

namespace sekisho::gateway {

struct ProxiedRequest {
  ProxiedRequest(EventLoop& event_loop, std::shared_ptr<const Site> current_site,
                 const authn::Application& asked_application, Stream& client_stream,
                 RequestReader& request_reader, const IpAddress& client_address,
                 std::string_view host_field)
      : loop(event_loop),
        site(std::move(current_site)),
        application(asked_application),
        stream(client_stream),
        reader(request_reader),
        client(client_address),
        host(host_field),
        language(pages::language_from(
            request_reader.head().fields.find(http::field::accept_language).value_or(""))) {}

  EventLoop& loop;
  const std::shared_ptr<const Site> site;
  const authn::Application& application;
  Stream& stream;  // the client's
  RequestReader& reader;
  const IpAddress client;
  const std::string_view host;  // as the client wrote it
  const pages::Language language;
};

// Decides, forwards and answers.  True: the connection may be used for another request.
Task<bool> proxy_request(ProxiedRequest& request);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_PROXY_H_
