#include "gateway/proxy.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <charconv>

#include "base/log.h"
#include "base/text.h"
#include "gateway/authz.h"
#include "gateway/cookies.h"
#include "gateway/gate.h"
#include "gateway/pages/pages.h"
#include "gateway/proxy_heads.h"
#include "gateway/response.h"
#include "gateway/return_address.h"
#include "gateway/tunnel.h"

namespace sekisho::gateway {
namespace {

using authn::AccessOutcome;

// A chunk of a chunked body: size, CR LF, bytes, CR LF.
void append_chunk(std::string& out, std::string_view piece) {
  char size[20];
  const auto [end, problem] = std::to_chars(size, size + sizeof size, piece.size(), 16);
  if (problem == std::errc()) out.append(size, end);
  out.append("\r\n").append(piece).append("\r\n");
}

Response portal_page(Response response, std::string_view portal, std::string body) {
  response.add("Content-Type", pages::kHtmlContentType)
      .add("Content-Security-Policy", pages::content_security_policy(portal, ""))
      .add("X-Content-Type-Options", "nosniff")
      .add("Referrer-Policy", "same-origin")
      .add("Vary", "Accept-Language")
      .add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

pages::Page page_of(const ProxiedRequest& request) {
  return {request.language, request.site->settings.organization, request.site->settings.portal_url};
}

Response problem(const ProxiedRequest& request, unsigned status) {
  Response response;
  response.status = status;
  return portal_page(std::move(response), request.site->settings.portal_url,
                     pages::render(pages::ProblemView{page_of(request), status, "", {}}));
}

Response refusal(const ProxiedRequest& request, const authn::AccessDecision& decision,
                 const authn::LiveSession* session) {
  const RequestHead& head = request.reader.head();
  const Site& site = *request.site;
  if (decision.outcome == AccessOutcome::kBadPath) return problem(request, 400);
  if (decision.outcome == AccessOutcome::kForbidden) {
    Response response;
    response.status = 403;
    pages::ForbiddenView view;
    view.page = page_of(request);
    view.application = site.settings.applications[site.index_of(request.application)].title;
    view.display_name = session == nullptr ? "" : session->user->display_name;
    return portal_page(std::move(response), site.settings.portal_url, pages::render(view));
  }
  const std::string url = "https://" + std::string(request.host) + std::string(head.target);
  Response response = text_response(401, "sign in at the portal");
  if (can_follow_redirect(head.method, head.fields)) response.status = 302;
  response.add("Location", sign_in_address(site, url))
      .add("WWW-Authenticate", "Sekisho realm=\"portal\"");
  return response;
}

// A browser lets any page open a WebSocket to any host, cookies and all; only the Origin tells
// (ASVS 4.4.2).  Programs that are no browser send none.
std::string_view websocket_objection(const RequestHead& head,
                                     const authn::Application& application) {
  constexpr std::string_view kForeign = "foreign_websocket";
  const auto origin = head.fields.find(http::field::origin);
  if (!origin || !head.fields.find(http::field::upgrade)) return {};
  constexpr std::string_view kScheme = "https://";
  if (!origin->starts_with(kScheme)) return kForeign;
  const auto host = authn::host_for_rules(origin->substr(kScheme.size()));
  return host && *host == application.host ? std::string_view() : kForeign;
}

// What came of sending a request to an application.
enum class Sent {
  kAnswered,   // an answer went to the client, whole or broken
  kNoAnswer,   // not a byte of an answer came, and the connection is gone
  kLate,       // none came in time
  kMalformed,  // what came is no answer
};

// One exchange with an application.
class Exchange {
 public:
  Exchange(ProxiedRequest& request, const UpstreamTarget& target, const GateAnswer& allowed)
      : request_(request),
        target_(target),
        session_(*allowed.session),
        identity_token_(allowed.identity_token),
        limits_(request.site->settings.limits) {}

  Task<bool> run();

 private:
  Task<bool> answer(const Response& response);
  Task<bool> open(bool may_reuse);
  Task<bool> invite_body();
  Task<Sent> send();
  Task<> send_body();
  Task<Sent> return_response();
  Task<Sent> return_upgrade(ResponseReader& reader);
  Task<bool> return_body(ResponseReader& reader, std::string& out, bool is_chunked);
  bool is_request_whole() const { return !has_body_ || is_body_sent_; }
  void wait_for_upstream();

  ProxiedRequest& request_;
  const UpstreamTarget& target_;
  const authn::LiveSession session_;  // copies: the view may move on while we wait
  const std::string identity_token_;
  const settings::Limits& limits_;
  std::unique_ptr<UpstreamConnection> upstream_;
  InputBuffer upstream_buffer_;
  std::string request_head_;
  bool is_upgrade_ = false;
  bool has_body_ = false;
  bool is_body_sent_ = false;
  bool is_head_request_ = false;
  bool client_keeps_alive_ = false;
  bool is_client_gone_ = false;
  bool is_answering_ = false;
};

Task<bool> Exchange::answer(const Response& response) {
  // A body that was not read would be taken for the next request.
  const bool keeps_alive = client_keeps_alive_ && is_request_whole();
  std::string out;
  append_response(out, response, request_.loop.date(), keeps_alive, is_head_request_);
  request_.loop.counters().responses[response.status / 100].add();
  request_.stream.expire_after(limits_.body_timeout);
  const error_code failed = co_await request_.stream.write(out);
  co_return !failed && keeps_alive;
}

Task<bool> Exchange::open(bool may_reuse) {
  request_.stream.expire_at(SteadyTime::max());  // connecting has its own deadlines
  if (may_reuse) upstream_ = request_.loop.upstreams().take(target_);
  if (upstream_) co_return true;
  auto connected = co_await request_.loop.upstreams().connect(target_);
  if (!connected) {
    request_.loop.counters().upstream_failures.add();
    log::write(log::Level::kWarning, "upstream_failed",
               JsonObject()
                   .add("application", request_.application.name)
                   .add("error", connected.error().message));
    co_return false;
  }
  upstream_ = std::move(*connected);
  co_return true;
}

// While the application thinks, the client has nothing to do: the upstream's deadline holds.  A
// client that is still sending keeps its own.
void Exchange::wait_for_upstream() {
  if (is_request_whole()) request_.stream.expire_at(SteadyTime::max());
}

Task<bool> Exchange::invite_body() {
  const auto expect = request_.reader.head().fields.find(http::field::expect);
  if (!expect || !equals_ignoring_case(*expect, "100-continue")) co_return true;
  request_.stream.expire_after(limits_.body_timeout);
  co_return !co_await request_.stream.write("HTTP/1.1 100 Continue\r\n\r\n");
}

// Streams the body; one piece is in memory at a time.
Task<> Exchange::send_body() {
  const bool is_chunked = request_.reader.is_chunked();
  std::string chunk;
  while (true) {
    const auto piece = co_await request_.reader.next_piece(limits_.body_timeout);
    if (!piece) {
      // The client went away in the middle: the application must not take it for the whole.
      is_client_gone_ = true;
      upstream_->stream->close();
      co_return;
    }
    upstream_->stream->expire_after(limits_.body_timeout);
    if (piece->empty()) break;
    std::string_view bytes = *piece;
    if (is_chunked) {
      chunk.clear();
      append_chunk(chunk, *piece);
      bytes = chunk;
    }
    // An application that stops reading may have answered already; that is being read.
    if (co_await upstream_->stream->write(bytes)) co_return;
  }
  if (is_chunked && co_await upstream_->stream->write("0\r\n\r\n")) co_return;
  is_body_sent_ = true;
  upstream_->stream->expire_after(limits_.upstream_answer_timeout);
  // An answer that is being written has a deadline of its own.
  if (!is_answering_) wait_for_upstream();
}

// The request, and the answer; with a body both flow at once.
Task<Sent> Exchange::send() {
  using namespace asio::experimental::awaitable_operators;
  Stream& upstream = *upstream_->stream;
  upstream.expire_after(limits_.upstream_answer_timeout);
  wait_for_upstream();
  if (co_await upstream.write(request_head_)) co_return Sent::kNoAnswer;
  if (!has_body_) co_return co_await return_response();
  const auto receive = [](Exchange& exchange, Stream& stream) -> Task<Sent> {
    const Sent sent = co_await exchange.return_response();
    if (!exchange.is_body_sent_) {
      // An answer before the end of the request: nobody will read the rest.
      error_code ignored;
      exchange.request_.stream.socket().cancel(ignored);
      stream.close();
    }
    co_return sent;
  };
  co_return co_await (send_body() && receive(*this, upstream));
}

// `out` begins as the head, which goes out with the first piece in one record.
Task<bool> Exchange::return_body(ResponseReader& reader, std::string& out, bool is_chunked) {
  while (true) {
    const auto piece = co_await reader.next_piece(limits_.upstream_answer_timeout);
    if (!piece) {
      // Broken in the middle: the client must see a broken body, never a padded one.
      log::write(log::Level::kWarning, "upstream_body_broken",
                 JsonObject().add("application", request_.application.name));
      request_.loop.counters().upstream_failures.add();
      if (!out.empty()) (void)co_await request_.stream.write(out);
      request_.stream.close();
      co_return false;
    }
    if (piece->empty()) break;
    if (is_chunked) {
      append_chunk(out, *piece);
    } else {
      out.append(*piece);
    }
    request_.stream.expire_after(limits_.body_timeout);
    if (co_await request_.stream.write(out)) co_return false;
    wait_for_upstream();
    out.clear();
  }
  if (is_chunked) out.append("0\r\n\r\n");
  if (out.empty()) co_return true;
  request_.stream.expire_after(limits_.body_timeout);
  co_return !co_await request_.stream.write(out);
}

Task<Sent> Exchange::return_upgrade(ResponseReader& reader) {
  client_keeps_alive_ = false;
  if (!is_upgrade_) co_return Sent::kMalformed;
  const std::string out = returned_response(reader.head(), {false, true, true, std::nullopt});
  request_.stream.expire_after(limits_.body_timeout);
  if (co_await request_.stream.write(out)) co_return Sent::kAnswered;
  request_.loop.counters().responses[1].add();
  (void)co_await reader.next_piece(limits_.upstream_answer_timeout);
  const RequestHead& head = request_.reader.head();
  // Named, because g++ 12 frees temporaries of a co_await expression twice.
  TunnelRequest asked{request_.application.name, std::string(head.target),
                      std::string(cookie(head.fields, request_.site->session_cookie).value_or("")),
                      request_.client};
  std::string early(upstream_buffer_.text());
  co_await run_tunnel(request_.loop, request_.stream, *upstream_->stream, std::move(asked),
                      std::move(early));
  co_return Sent::kAnswered;
}

Task<Sent> Exchange::return_response() {
  constexpr int kMostInterim = 16;  // 1xx answers before the real one
  for (int interim = 0; interim <= kMostInterim; ++interim) {
    ResponseReader reader(*upstream_->stream, upstream_buffer_, limits_.header_bytes);
    if (is_head_request_) reader.expect_no_body();
    const ReadOutcome outcome = co_await reader.read_head(limits_.upstream_answer_timeout);
    if (outcome != ReadOutcome::kDone) {
      if (upstream_->stream->deadline() <= std::chrono::steady_clock::now()) co_return Sent::kLate;
      co_return outcome == ReadOutcome::kClosed ? Sent::kNoAnswer : Sent::kMalformed;
    }
    const ResponseHead& head = reader.head();
    if (head.status == 101) co_return co_await return_upgrade(reader);
    if (head.status < 100 || head.status > 599) co_return Sent::kMalformed;
    if (head.status < 200) continue;
    is_answering_ = true;
    // To an HTTP/1.0 client, or from an application that ends its body by closing, we cannot
    // keep the connection and a chunked body at once.
    const bool client_takes_chunks = request_.reader.head().version == 11;
    const bool has_body = reader.has_body();
    const bool goes_chunked = has_body && !reader.content_length() && client_takes_chunks;
    if (has_body && !reader.content_length() && !goes_chunked) client_keeps_alive_ = false;
    if (!is_request_whole() || request_.loop.is_stopping()) client_keeps_alive_ = false;
    const bool may_keep_upstream = reader.is_keep_alive() && is_request_whole();
    request_.loop.counters().responses[std::min(head.status / 100, 5U)].add();
    std::string out = returned_response(
        head, {goes_chunked, client_keeps_alive_, false, reader.content_length()});
    if (!co_await return_body(reader, out, goes_chunked)) {
      client_keeps_alive_ = false;
    } else if (may_keep_upstream && upstream_buffer_.empty()) {
      request_.loop.upstreams().keep(target_, std::move(upstream_));
    }
    co_return Sent::kAnswered;
  }
  co_return Sent::kMalformed;
}

Task<bool> Exchange::run() {
  const RequestHead& head = request_.reader.head();
  client_keeps_alive_ = request_.reader.is_keep_alive() && !request_.loop.is_stopping();
  has_body_ = request_.reader.has_body();
  is_head_request_ = head.verb == http::verb::head;
  const auto& entry =
      request_.site->settings.applications[request_.site->index_of(request_.application)];
  const auto upgrade = head.fields.find(http::field::upgrade);
  is_upgrade_ = upgrade && request_.reader.is_upgrade() && entry.allows_websocket && !has_body_ &&
                equals_ignoring_case(*upgrade, "websocket") && head.verb == http::verb::get;
  const std::string client = request_.client.text();
  request_head_ = forwarded_request(
      head, {*session_.user, request_.host, client, identity_token_, is_upgrade_,
             has_body_ && request_.reader.is_chunked(),
             request_.reader.is_chunked() ? std::nullopt : request_.reader.content_length()});

  if (has_body_ && !co_await invite_body()) co_return false;
  // A kept connection may have been closed by the application just now.  Another try is safe only
  // while nothing of the request can have had an effect: no body, a method without one.
  const bool is_safe_to_repeat = !has_body_ && (head.verb == http::verb::get || is_head_request_ ||
                                                head.verb == http::verb::options);
  Sent sent = Sent::kNoAnswer;
  for (bool may_reuse : {true, false}) {
    if (!co_await open(may_reuse)) {
      const Response failure = problem(request_, 502);
      co_return co_await answer(failure);
    }
    const bool was_reused = upstream_->is_reused;
    sent = co_await send();
    if (is_client_gone_) co_return false;
    if (sent == Sent::kAnswered) co_return client_keeps_alive_&& request_.stream.is_open();
    upstream_.reset();
    upstream_buffer_ = InputBuffer();
    if (sent != Sent::kNoAnswer || !was_reused || !is_safe_to_repeat) break;
  }
  request_.loop.counters().upstream_failures.add();
  log::write(log::Level::kWarning, "upstream_gave_no_answer",
             JsonObject().add("application", request_.application.name));
  const Response failure = problem(request_, sent == Sent::kLate ? 504 : 502);
  co_return co_await answer(failure);
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
         cookie(head.fields, site.session_cookie), websocket_objection(head, request.application)});
    if (answer && answer->decision.outcome == AccessOutcome::kAllowed) {
      const auto& target = site.upstreams[site.index_of(request.application)];
      Exchange exchange(request, *target, *answer);
      co_return co_await exchange.run();
    }
    refused = answer ? refusal(request, answer->decision, answer->session) : problem(request, 503);
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
