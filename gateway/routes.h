// The table of what the gateway itself answers.  Start here.
//
// Everything not in the table is refused; applications behind the built-in proxy are not in it
// (proxy.h), and neither is the forward-auth check, which has a path of its own for speed
// (authz.h).

#ifndef SEKISHO_GATEWAY_ROUTES_H_
#define SEKISHO_GATEWAY_ROUTES_H_

#include <span>
#include <string_view>

#include "gateway/request_context.h"
#include "settings/settings.h"

namespace sekisho::gateway {

// Who may call: decided before the handler runs.
enum class Caller {
  kAnybody,   // the handler decides by what is shown to it
  kTerminal,  // a terminal that is joined and not revoked, by its certificate
};

struct Route {
  settings::Listener::Kind listener;
  http::verb verb;
  std::string_view path;  // ends in '*': every path that begins so
  Caller caller;
  bool changes_state;  // a form of the portal: origin and form token are checked first
  Task<Response> (*handler)(RequestContext&);
};

std::span<const Route> routes();

struct Found {
  const Route* route = nullptr;
  bool is_other_method = false;  // the path exists with another method: 405
};
Found find_route(settings::Listener::Kind listener, http::verb verb, std::string_view path);

// For the Allow field of a 405: "GET, HEAD".
std::string allowed_methods(settings::Listener::Kind listener, std::string_view path);

// Checks the caller and runs the handler; every failure is an answer.
Task<Response> run_route(const Route& route, RequestContext& context);

// A page that says what went wrong, in the person's language.
Response problem_page(const RequestContext& context, unsigned status,
                      std::chrono::seconds wait = std::chrono::seconds(0));

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_ROUTES_H_
