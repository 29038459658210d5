// A request for an application that the built-in reverse proxy serves.

#ifndef SEKISHO_GATEWAY_PROXIED_REQUEST_H_
#define SEKISHO_GATEWAY_PROXIED_REQUEST_H_

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
                 std::string_view host_field, AccessRecord* access_record)
      : loop(event_loop),
        site(std::move(current_site)),
        application(asked_application),
        stream(client_stream),
        reader(request_reader),
        client(client_address),
        host(host_field),
        record(access_record),
        language(pages::language_from(
            request_reader.head().fields.find(http::field::accept_language).value_or(""))) {}

  EventLoop& loop;
  const std::shared_ptr<const Site> site;
  const authn::Application& application;
  Stream& stream;  // the client's
  RequestReader& reader;
  const IpAddress client;
  const std::string_view host;  // as the client wrote it; there until its body is asked for
  AccessRecord* const record;   // nullptr: no access log is kept
  const pages::Language language;

  // For the access log: what the client is given.
  void note_answer(unsigned status, std::size_t body_bytes) const {
    if (record == nullptr) return;
    record->status = status;
    record->bytes += body_bytes;
  }
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_PROXIED_REQUEST_H_
