#include "gateway/metrics_page.h"

#include <functional>

namespace sekisho::gateway {
namespace {

std::uint64_t sum(const Shared& shared, const std::function<std::uint64_t(const Counters&)>& of) {
  std::uint64_t total = 0;
  for (EventLoop* loop : shared.loops) total += of(loop->counters());
  return total;
}

std::string metrics_text(EventLoop& loop) {
  const Shared& shared = loop.shared();
  MetricsText text;
  const auto counter = [&](std::string_view name, std::string_view help,
                           Counter Counters::*member) {
    text.family(name, "counter", help);
    text.sample(name, "", sum(shared, [&](const Counters& c) { return (c.*member).value(); }));
  };
  text.family("sekisho_connections_open", "gauge", "Client connections open now.");
  text.sample("sekisho_connections_open", "",
              sum(shared, [](const Counters& c) { return c.connections_open.value(); }));
  counter("sekisho_connections_accepted_total", "Client connections accepted.",
          &Counters::connections_accepted);
  counter("sekisho_connections_refused_total",
          "Client connections refused: outside the segment or over a limit.",
          &Counters::connections_refused);
  counter("sekisho_handshakes_failed_total", "TLS handshakes that failed.",
          &Counters::handshakes_failed);
  counter("sekisho_deadlines_passed_total", "Connections closed because a deadline passed.",
          &Counters::deadlines_passed);
  counter("sekisho_upstream_failures_total", "Exchanges with an application that failed.",
          &Counters::upstream_failures);
  counter("sekisho_keys_suspected_total", "Uses of security keys whose counter did not grow.",
          &Counters::keys_suspected);
  text.family("sekisho_responses_total", "counter", "Answers, by hundreds of their status.");
  for (std::size_t hundreds = 1; hundreds <= 5; ++hundreds) {
    text.sample("sekisho_responses_total", "class=\"" + std::to_string(hundreds) + "xx\"",
                sum(shared, [&](const Counters& c) { return c.responses[hundreds].value(); }));
  }
  text.family("sekisho_decisions_total", "counter", "Access decisions, by outcome.");
  for (std::size_t i = 0; i < loop.counters().decisions.size(); ++i) {
    const std::string name(authn::name_of(static_cast<authn::AccessOutcome>(i)));
    text.sample("sekisho_decisions_total", "outcome=\"" + name + "\"",
                sum(shared, [&](const Counters& c) { return c.decisions[i].value(); }));
  }
  text.family("sekisho_logins_total", "counter", "Factors judged, by outcome.");
  text.sample("sekisho_logins_total", "outcome=\"granted\"",
              sum(shared, [](const Counters& c) { return c.logins_granted.value(); }));
  text.sample("sekisho_logins_total", "outcome=\"denied\"",
              sum(shared, [](const Counters& c) { return c.logins_denied.value(); }));
  text.sample("sekisho_logins_total", "outcome=\"locked\"",
              sum(shared, [](const Counters& c) { return c.logins_locked.value(); }));
  text.family("sekisho_store_queue", "gauge", "Changes waiting for the store.");
  text.sample("sekisho_store_queue", "", shared.lane.waiting());
  text.family("sekisho_password_queue", "gauge", "Passwords waiting to be hashed.");
  text.sample("sekisho_password_queue", "", shared.workers.waiting());
  const auto view = loop.view(shared.clock.now());
  text.family("sekisho_sessions", "gauge", "Sessions in memory.");
  text.sample("sekisho_sessions", "", view ? (*view)->session_count() : 0);
  return text.text();
}

}  // namespace

Response metrics_response(EventLoop& loop, const RequestHead& head) {
  if (head.verb != http::verb::get && head.verb != http::verb::head) {
    return text_response(405, "GET only");
  }
  const std::string_view path = head.target.substr(0, head.target.find('?'));
  if (path == "/healthz") return text_response(200, "ok");
  if (path == "/readyz") {
    const auto view = loop.view(loop.shared().clock.now());
    if (!view) return text_response(503, "the store cannot be read");
    if (loop.is_stopping()) return text_response(503, "stopping");
    return text_response(200, "ready");
  }
  if (path == "/metrics") {
    Response response;
    response.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        .add("Cache-Control", "no-store");
    response.body = metrics_text(loop);
    return response;
  }
  return text_response(404, "try /healthz, /readyz or /metrics");
}

}  // namespace sekisho::gateway
