#include "gateway/proxy_run.h"

#include "gateway/cookies.h"
#include "gateway/gate.h"
#include "gateway/proxy_answers.h"
#include "gateway/proxy_heads.h"

namespace sekisho::gateway {
namespace {

using authn::AccessOutcome;

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
                                websocket_objection(head.fields, request_.host), request_.record});
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
  const bool is_head = reader.head().verb == http::verb::head;
  request_.note_answer(refused_->status, is_head ? 0 : refused_->body.size());
  request_.stream.expire_after(request_.site->settings.limits.body_timeout);
  const error_code failed = co_await request_.stream.write(out);
  co_return !failed && keeps_alive;
}

}  // namespace sekisho::gateway
