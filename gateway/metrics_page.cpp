#include "gateway/metrics_page.h"

#include <functional>

namespace sekisho::gateway {
namespace {

std::uint64_t sum(const Shared& shared, const std::function<std::uint64_t(const Counters&)>& of) {
  std::uint64_t total = 0;
  for (EventLoop* loop : shared.loops) total += of(loop->counters());
  return total;
}

// "0.000250" for 250: Prometheus counts in seconds.
std::string seconds_of(std::uint64_t microseconds) {
  const std::string rest = std::to_string(1'000'000 + microseconds % 1'000'000);
  return std::to_string(microseconds / 1'000'000) + "." + rest.substr(1);
}

void add_histogram(MetricsText& text, const Shared& shared, const std::string& name,
                   std::string_view help, Histogram Counters::*member) {
  text.family(name, "histogram", help);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= Histogram::kBounds.size(); ++i) {
    total += sum(shared, [&](const Counters& c) { return (c.*member).bucket(i); });
    const std::string bound =
        i < Histogram::kBounds.size() ? seconds_of(Histogram::kBounds[i]) : "+Inf";
    text.sample(name + "_bucket", "le=\"" + bound + "\"", total);
  }
  const auto time = sum(shared, [&](const Counters& c) { return (c.*member).microseconds(); });
  text.sample(name + "_sum", "", seconds_of(time));
  text.sample(name + "_count", "", total);
}

// By the line of the rule in the configuration; "none" where no rule matched.
void add_decisions(MetricsText& text, const Site& site) {
  text.family("sekisho_rule_decisions_total", "counter",
              "Access decisions since the last reload, by application, rule and outcome.");
  const auto& applications = site.rules.applications();
  for (std::size_t i = 0; i < applications.size(); ++i) {
    const auto& rules = applications[i].rules;
    for (std::size_t rule = 0; rule <= rules.size(); ++rule) {
      for (const auto outcome : authn::kAccessOutcomes) {
        const std::uint64_t count = site.counters->decisions(i, rule, outcome);
        if (count == 0) continue;
        const std::string line =
            rule < rules.size() ? std::to_string(rules[rule].line) : std::string("none");
        text.sample("sekisho_rule_decisions_total",
                    "application=\"" + applications[i].name + "\",rule=\"" + line +
                        "\",outcome=\"" + std::string(authn::name_of(outcome)) + "\"",
                    count);
      }
    }
  }
  text.family("sekisho_application_failures_total", "counter",
              "Exchanges with an application that failed, since the last reload.");
  for (std::size_t i = 0; i < applications.size(); ++i) {
    if (site.upstreams[i].empty()) continue;
    text.sample("sekisho_application_failures_total",
                "application=\"" + applications[i].name + "\"", site.counters->failures(i));
  }
  text.family("sekisho_upstream_certificates_refused_total", "counter",
              "Servers that could not prove to be the application's, since the last reload.");
  for (std::size_t i = 0; i < applications.size(); ++i) {
    if (site.upstreams[i].empty()) continue;
    text.sample("sekisho_upstream_certificates_refused_total",
                "application=\"" + applications[i].name + "\"",
                site.counters->refused_certificates(i));
  }
  text.family("sekisho_upstream_up", "gauge", "Whether requests are sent to this server now.");
  for (std::size_t i = 0; i < applications.size(); ++i) {
    for (const UpstreamTarget& target : site.upstreams[i]) {
      text.sample("sekisho_upstream_up",
                  "application=\"" + applications[i].name + "\",upstream=\"" + target.address.host +
                      ":" + std::to_string(target.address.port) + "\"",
                  target.health->is_up() ? 1 : 0);
    }
  }
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
  counter("sekisho_handshakes_total", "TLS handshakes that succeeded.", &Counters::handshakes);
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
  for (const auto outcome : authn::kAccessOutcomes) {
    const auto i = static_cast<std::size_t>(outcome);
    const std::string name(authn::name_of(outcome));
    text.sample("sekisho_decisions_total", "outcome=\"" + name + "\"",
                sum(shared, [&](const Counters& c) { return c.decisions[i].value(); }));
  }
  add_decisions(text, *loop.site());
  add_histogram(text, shared, "sekisho_check_seconds",
                "Checks by a reverse proxy, from the request's head to the answer.",
                &Counters::check_time);
  add_histogram(text, shared, "sekisho_proxy_seconds",
                "Requests to applications, from their head to the end of the answer.",
                &Counters::proxy_time);
  add_histogram(text, shared, "sekisho_portal_seconds",
                "Requests to the portal, from their head to the answer.", &Counters::portal_time);
  text.family("sekisho_logins_total", "counter", "Factors judged, by outcome.");
  text.sample("sekisho_logins_total", "outcome=\"granted\"",
              sum(shared, [](const Counters& c) { return c.logins_granted.value(); }));
  text.sample("sekisho_logins_total", "outcome=\"denied\"",
              sum(shared, [](const Counters& c) { return c.logins_denied.value(); }));
  text.sample("sekisho_logins_total", "outcome=\"locked\"",
              sum(shared, [](const Counters& c) { return c.logins_locked.value(); }));
  text.family("sekisho_access_log_left_out_total", "counter",
              "Lines of the access log that did not fit, or could not be written.");
  text.sample("sekisho_access_log_left_out_total", "", shared.access_log.left_out());
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
    Response response = text_response(405, "GET only");
    return std::move(response.add("Allow", "GET, HEAD"));
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
