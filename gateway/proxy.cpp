#include "gateway/proxy.h"

#include "base/text.h"
#include "gateway/cookies.h"
#include "gateway/exchange.h"
#include "gateway/gate.h"
#include "gateway/proxy_answers.h"
#include "gateway/proxy_heads.h"

namespace sekisho::gateway {
namespace {

using authn::AccessOutcome;

// A browser lets any page open a WebSocket to any host, cookies and all; only the Origin tells
// (ASVS 4.4.2).  Programs that are no browser send none.
std::string_view websocket_objection(const RequestHead& head, std::string_view host) {
  const auto origin = head.fields.find(http::field::origin);
  if (!origin || !head.fields.find(http::field::upgrade)) return {};
  if (head.fields.count(http::field::origin) > 1) return "foreign_websocket";
  constexpr std::string_view kScheme = "https://";
  const auto without_usual_port = [](std::string_view authority) {
    return authority.ends_with(":443") ? authority.substr(0, authority.size() - 4) : authority;
  };
  const bool is_own = origin->starts_with(kScheme) &&
                      equals_ignoring_case(without_usual_port(origin->substr(kScheme.size())),
                                           without_usual_port(host));
  return is_own ? std::string_view() : "foreign_websocket";
}

}  // namespace

Task<bool> proxy_request(ProxiedRequest& request) {
  const RequestHead& head = request.reader.head();
  const Site& site = *request.site;
  EventLoop& loop = request.loop;
  Response refused;
  if (has_been_here(head.fields)) {
    refused = problem(request, 502);
  } else {
    const auto answer = ask_gate(
        loop, site,
        {kProxyDoor, request.application, head.target, request.client,
         cookie(head.fields, site.session_cookie), websocket_objection(head, request.host)});
    const bool is_allowed = answer && answer->decision.outcome == AccessOutcome::kAllowed;
    const bool ends_here = max_forwards(head) == 0;
    if (is_allowed && !ends_here) {
      Exchange exchange(request, *answer);
      co_return co_await exchange.run();
    }
    if (is_allowed) {
      refused.status = 204;
      refused.add("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    } else {
      refused =
          answer ? refusal(request, answer->decision, answer->session) : problem(request, 503);
    }
  }
  const bool keeps_alive =
      request.reader.is_keep_alive() && !request.reader.has_body() && !loop.is_stopping();
  std::string out;
  append_response(out, refused, loop.date(), keeps_alive, head.verb == http::verb::head);
  loop.counters().responses[refused.status / 100].add();
  request.stream.expire_after(site.settings.limits.body_timeout);
  const error_code failed = co_await request.stream.write(out);
  co_return !failed && keeps_alive;
}

}  // namespace sekisho::gateway
