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
  if (exchange_) return exchange_->run();
  const RequestReader& reader = request_.reader;
  return give(request_, *refused_,
              reader.is_keep_alive() && !reader.has_body() && !request_.loop.is_stopping());
}

}  // namespace sekisho::gateway
