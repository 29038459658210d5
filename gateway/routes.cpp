#include "gateway/routes.h"

#include <array>

#include "authn/session.h"
#include "base/log.h"
#include "gateway/identity_handlers.h"
#include "gateway/key_handlers.h"
#include "gateway/pages/language.h"
#include "gateway/pages/pages.h"
#include "gateway/portal_handlers.h"
#include "gateway/sign_in_handlers.h"
#include "gateway/terminal_handlers.h"
#include "protocol/terminal_api.h"

namespace sekisho::gateway {
namespace {

using Kind = settings::Listener::Kind;
using http::verb;

constexpr std::array kRoutes = {
    // listener      method      path                         caller             form   handler
    Route{Kind::kWeb, verb::get, "/", Caller::kAnybody, false, &show_home},
    Route{Kind::kWeb, verb::get, "/assets/*", Caller::kAnybody, false, &send_asset},
    Route{Kind::kWeb, verb::get, "/reopen.js", Caller::kAnybody, false, &send_reopen_script},
    Route{Kind::kWeb, verb::post, "/signin", Caller::kAnybody, true, &sign_in},
    Route{Kind::kWeb, verb::post, "/second-factor", Caller::kAnybody, true, &try_code},
    Route{Kind::kWeb, verb::post, "/recovery", Caller::kAnybody, true, &try_recovery_code},
    Route{Kind::kWeb, verb::post, "/second-factor/key", Caller::kAnybody, true, &try_key},
    Route{Kind::kWeb, verb::post, "/enrol", Caller::kAnybody, true, &try_enrolment_code},
    Route{Kind::kWeb, verb::post, "/signin/key", Caller::kAnybody, true, &sign_in_with_key},
    Route{Kind::kWeb, verb::get, "/keys", Caller::kAnybody, false, &show_home},
    Route{Kind::kWeb, verb::get, "/keys/add", Caller::kAnybody, false, &show_add_key},
    Route{Kind::kWeb, verb::post, "/keys/add", Caller::kAnybody, true, &add_key},
    Route{Kind::kWeb, verb::post, "/keys/rename", Caller::kAnybody, true, &rename_key_of_person},
    Route{Kind::kWeb, verb::post, "/keys/remove", Caller::kAnybody, true, &remove_key_of_person},
    Route{Kind::kWeb, verb::post, "/signout", Caller::kAnybody, true, &sign_out},
    Route{Kind::kWeb, verb::post, "/sessions/end", Caller::kAnybody, true, &end_one_session},
    Route{Kind::kWeb, verb::get, "/.well-known/jwks.json", Caller::kAnybody, false,
          &send_identity_keys},
    Route{Kind::kTerminal, verb::post, terminal_api::kJoinPath, Caller::kAnybody, false,
          &join_segment},
    Route{Kind::kTerminal, verb::post, terminal_api::kRenewPath, Caller::kTerminal, false,
          &renew_certificate},
    Route{Kind::kTerminal, verb::get, terminal_api::kStatusPath, Caller::kTerminal, false,
          &show_terminal},
    Route{Kind::kTerminal, verb::post, terminal_api::kBeginPath, Caller::kTerminal, false,
          &begin_login},
    Route{Kind::kTerminal, verb::post, terminal_api::kFinishPath, Caller::kTerminal, false,
          &finish_login},
};

bool has_path(const Route& route, std::string_view path) {
  if (route.path.ends_with('*')) {
    return path.starts_with(route.path.substr(0, route.path.size() - 1));
  }
  return route.path == path;
}

// A form is accepted only from a page of ours (ASVS 3.5.1).  The form token in the body, which
// the handler checks, is what counts; this stops the rest before it costs anything.
bool is_from_our_page(const RequestContext& context) {
  if (!context.fetch_site.empty() && context.fetch_site != "same-origin" &&
      context.fetch_site != "none") {
    return false;
  }
  return context.origin.empty() || context.origin == context.site->settings.portal_origin();
}

// The certificate was verified by TLS; whether the terminal still counts, the view knows.
Result<unsigned> terminal_objection(const RequestContext& context) {
  if (!context.terminal) return 401U;
  const auto view = context.loop.view(context.now);
  if (!view) return fail(view.error());
  const authn::LiveTerminal* terminal = (*view)->terminal(store::TerminalId{context.terminal->id});
  if (terminal == nullptr || terminal->name != context.terminal->name) return 401U;
  if (!terminal->may_log_in || terminal->generation != context.terminal->generation) return 403U;
  return 0U;
}

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

Found find_route(Kind listener, http::verb verb, std::string_view path) {
  Found found;
  const http::verb wanted = verb == http::verb::head ? http::verb::get : verb;
  for (const Route& route : kRoutes) {
    if (route.listener != listener || !has_path(route, path)) continue;
    if (route.verb == wanted) {
      found.route = &route;
      return found;
    }
    found.is_other_method = true;
  }
  return found;
}

std::string allowed_methods(Kind listener, std::string_view path) {
  std::string methods;
  for (const Route& route : kRoutes) {
    if (route.listener != listener || !has_path(route, path)) continue;
    if (!methods.empty()) methods += ", ";
    methods += route.verb == verb::get ? "GET, HEAD" : "POST";
  }
  return methods;
}

Response problem_page(const RequestContext& context, unsigned status, std::chrono::seconds wait) {
  pages::ProblemView view;
  view.page = {pages::language_from(context.accept_language), context.site->settings.organization,
               ""};
  view.status = status;
  view.wait = wait;
  Response response;
  response.status = status;
  response.add("Content-Type", pages::kHtmlContentType)
      .add("Content-Security-Policy", pages::content_security_policy("", ""))
      .add("X-Content-Type-Options", "nosniff")
      .add("Referrer-Policy", "same-origin")
      .add("Vary", "Accept-Language")
      .add("Cache-Control", "no-store");
  if (wait.count() > 0) response.add("Retry-After", std::to_string(wait.count()));
  response.body = pages::render(view);
  return response;
}

Task<Response> run_route(const Route& route, RequestContext& context) {
  if (route.caller == Caller::kTerminal) {
    const Result<unsigned> objection = terminal_objection(context);
    if (!objection) co_return terminal_error(503, "unavailable", "the store cannot be read");
    if (*objection == 401) {
      co_return terminal_error(401, "unknown_terminal", "a terminal's certificate is needed");
    }
    if (*objection == 403) {
      log::write(log::Level::kWarning, "revoked_terminal_refused",
                 JsonObject().add("terminal", context.terminal->name));
      co_return terminal_error(403, "revoked", "this terminal was revoked or has joined again");
    }
  }
  if (route.changes_state && !is_from_our_page(context)) co_return problem_page(context, 403);
  co_return co_await route.handler(context);
}

}  // namespace sekisho::gateway
