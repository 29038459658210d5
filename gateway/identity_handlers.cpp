#include "gateway/identity_handlers.h"

#include "base/log.h"

namespace sekisho::gateway {

Task<Response> send_identity_keys(RequestContext& context) {
  auto keys = context.loop.identity_key_set(context.now);
  if (!keys) {
    log::write(log::Level::kError, "identity_keys_failed",
               JsonObject().add("error", keys.error().message));
    co_return text_response(503, "cannot tell");
  }
  Response response;
  // Much shorter than a key is published before it signs (authn::kIdentityKeyLead).
  response.add("Content-Type", "application/jwk-set+json")
      .add("Cache-Control", "public, max-age=300")
      .add("X-Content-Type-Options", "nosniff");
  response.body = *std::move(keys);
  co_return response;
}

}  // namespace sekisho::gateway
