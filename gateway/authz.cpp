#include "gateway/authz.h"

#include "base/log.h"
#include "base/text.h"
#include "gateway/cookies.h"
#include "gateway/gate.h"
#include "gateway/identity_headers.h"
#include "gateway/original_request.h"
#include "gateway/request_context.h"
#include "gateway/response.h"
#include "gateway/return_address.h"

namespace sekisho::gateway {
namespace {

using authn::AccessOutcome;

struct Refuser {
  EventLoop& loop;
  bool keeps_alive;
  bool is_head;
  AccessRecord* record;
  std::string& out;

  void operator()(Response response) const {
    response.add("Cache-Control", "no-store");
    if (record != nullptr) {
      record->status = response.status;
      record->bytes = is_head ? 0 : response.body.size();
    }
    loop.counters().responses[response.status / 100].add();
    append_response(out, response, loop.date(), keeps_alive, is_head);
  }
};

// Caddy leaves the original's query on the address it asks.
std::string_view check_path(std::string_view target) {
  return target.substr(0, target.find('?'));
}

}  // namespace

bool is_check(std::string_view target) {
  if (!target.starts_with("/authz/")) return false;
  const std::string_view path = check_path(target);
  return path == kAuthRequestPath || path == kForwardAuthPath;
}

bool can_follow_redirect(std::string_view method, const Fields& fields) {
  if (method != "GET" && method != "HEAD") return false;
  if (const auto mode = fields.find("Sec-Fetch-Mode")) return *mode == "navigate";
  if (fields.find("X-Requested-With")) return false;
  const auto accept = fields.find(http::field::accept);
  return accept && accept->find("text/html") != std::string_view::npos;
}

void answer_check(EventLoop& loop, const RequestHead& head, const Peer& peer, bool keeps_alive,
                  AccessRecord* record, std::string& out) {
  const Site& site = *loop.site();
  const Refuser refuse{loop, keeps_alive, head.verb == http::verb::head, record, out};
  if (!peer.is_proxy(site)) {
    log::write(log::Level::kWarning, "check_from_unknown_proxy",
               JsonObject().add("peer", peer.address.text()));
    return refuse(text_response(403, "this address is not in [proxies] trusted"));
  }
  const bool is_nginx = check_path(head.target) == kAuthRequestPath;
  const auto original =
      original_of(is_nginx ? FieldFamily::kOriginal : FieldFamily::kForwarded, head.fields);
  if (!original) {
    return refuse(text_response(400, "the original request is not told, or not over https"));
  }
  if (record != nullptr) record->set_method(original->method);
  const auto client = client_address(site, peer, head.fields);
  if (!client) {
    return refuse(text_response(client.error(), "the client's address is not in the segment"));
  }
  const authn::Application* application = site.rules.application_of(original->host);
  if (application == nullptr) {
    return refuse(text_response(403, "no application has this host"));
  }
  // nginx leaves the usual port out, the others perhaps every one.
  const bool names_port = is_nginx || original->host.find(':') != std::string_view::npos;
  const auto answer =
      ask_gate(loop, site,
               {kForwardAuthDoor, *application, original->target, *client,
                cookie(head.fields, site.session_cookie),
                websocket_objection(head.fields, original->host, names_port), record});
  if (!answer) return refuse(text_response(503, "cannot tell"));
  const AccessOutcome outcome = answer->decision.outcome;
  if (outcome == AccessOutcome::kAllowed) {
    loop.counters().responses[2].add();
    if (record != nullptr) record->status = 200;
    out.append("HTTP/1.1 200 OK\r\nDate: ").append(loop.date());
    out.append("\r\nCache-Control: no-store\r\n");
    append_identity(out, *answer->session->user);
    append_identity_token(out, answer->identity_token);
    out.append("Content-Length: 0\r\n");
    if (!keeps_alive) out.append("Connection: close\r\n");
    out.append("\r\n");
    return;
  }
  if (outcome == AccessOutcome::kBadPath || outcome == AccessOutcome::kForbidden) {
    return refuse(text_response(403, "not permitted"));
  }
  // Not signed in, or not far enough: tell where to.
  std::string url = "https://" + std::string(original->host) + std::string(original->target);
  Response response = text_response(401, "sign in at the portal");
  if (check_path(head.target) == kForwardAuthPath &&
      can_follow_redirect(original->method, head.fields)) {
    response.status = 302;
  }
  response.add("Location", sign_in_address(site, url))
      .add("WWW-Authenticate", "Sekisho realm=\"portal\"");
  refuse(std::move(response));
}

}  // namespace sekisho::gateway
