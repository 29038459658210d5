#include "gateway/proxy_run.h"

#include "base/text.h"
#include "gateway/cookies.h"
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

ProxyRun::ProxyRun(ProxiedRequest request) : request_(std::move(request)) {
  const RequestHead& head = request_.reader.head();
  const Site& site = *request_.site;
  if (has_been_here(head.fields)) {
    refused_ = problem(request_, 502);
    return;
  }
  const auto answer = ask_gate(request_.loop, site,
                               {kProxyDoor, request_.application, head.target, request_.client,
                                cookie(head.fields, site.session_cookie),
                                websocket_objection(head, request_.host), request_.record});
  if (!answer) {
    refused_ = problem(request_, 503);
  } else if (answer->decision.outcome != AccessOutcome::kAllowed) {
    refused_ = refusal(request_, answer->decision, answer->session);
  } else if (max_forwards(head) == 0) {
    refused_.emplace().status = 204;
    refused_->add("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  } else {
    exchange_.emplace(request_, *answer);
  }
}

Task<bool> ProxyRun::finish() {
  if (exchange_) co_return co_await exchange_->run();
  const RequestReader& reader = request_.reader;
  EventLoop& loop = request_.loop;
  const bool keeps_alive = reader.is_keep_alive() && !reader.has_body() && !loop.is_stopping();
  std::string out;
  append_response(out, *refused_, loop.date(), keeps_alive, reader.head().verb == http::verb::head);
  loop.counters().responses[refused_->status / 100].add();
  request_.note_answer(refused_->status, refused_->body.size());
  request_.stream.expire_after(request_.site->settings.limits.body_timeout);
  const error_code failed = co_await request_.stream.write(out);
  co_return !failed && keeps_alive;
}

}  // namespace sekisho::gateway
