// What a reverse proxy says that its client asked for, taken from the fields of a check.
//
// A proxy of one kind passes its client's own fields of the other kind on: so each endpoint
// believes one family of fields only, and a field of it that comes twice says nothing.

#ifndef SEKISHO_GATEWAY_ORIGINAL_REQUEST_H_
#define SEKISHO_GATEWAY_ORIGINAL_REQUEST_H_

#include <optional>
#include <string_view>

#include "gateway/http_message.h"

namespace sekisho::gateway {

struct OriginalRequest {
  std::string_view method = "GET";
  std::string_view host;    // with its port, as it came
  std::string_view target;  // path and query
};

enum class FieldFamily {
  kOriginal,   // X-Original-URL and -Method: nginx
  kForwarded,  // X-Forwarded-Method, -Proto, -Host and -Uri: Caddy, Traefik, HAProxy
};

// Views into `fields`.  nullopt: not told, told twice, or not asked over https.
std::optional<OriginalRequest> original_of(FieldFamily family, const Fields& fields);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_ORIGINAL_REQUEST_H_
