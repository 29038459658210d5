#include "settings/settings_upstreams.h"

#include <algorithm>

#include "settings/settings_applications.h"

namespace sekisho::settings {
namespace {

using namespace std::chrono_literals;

std::optional<Upstream> upstream_of(TableReader& reader, const char* key, const std::string& text,
                                    const Settings& settings) {
  const auto url = parse_url(text);
  if (!url) {
    reader.complain(key,
                    "must be like \"http://10.20.0.5:8080\" or "
                    "\"https://tax.internal\", without a path");
    return std::nullopt;
  }
  if (const auto address = IpAddress::parse(url->host); address && !settings.is_inside(*address)) {
    reader.complain(key, url->host + " is outside [segment] networks");
  }
  const int usual_port = url->is_tls ? 443 : 80;
  return Upstream{url->is_tls, url->host,
                  url->has_port ? url->port : static_cast<std::uint16_t>(usual_port), std::string(),
                  std::string()};
}

HealthCheck read_health(const toml::table* table, Reading& reading) {
  HealthCheck check;
  TableReader reader(table, "[application.health]", 0, reading);
  check.path = reader.text("path", "");
  const bool is_plain = std::ranges::all_of(
      check.path, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '#'; });
  if (!check.path.empty() && (check.path.front() != '/' || !is_plain)) {
    reader.complain("path", "must begin with \"/\" and hold no blanks");
  }
  check.every = reader.duration("every", check.every, 1s, 10min);
  check.timeout = reader.duration("timeout", check.timeout, 100ms, 60s);
  check.fall = reader.number("fall", check.fall, 1, 100);
  check.rise = reader.number("rise", check.rise, 1, 100);
  reader.finish();
  return check;
}

}  // namespace

void read_upstreams(TableReader& reader, const Settings& settings, ApplicationEntry& entry,
                    Reading& reading) {
  const bool has_one = reader.has("upstream");
  const bool has_several = reader.has("upstreams");
  std::vector<std::string> texts = reader.texts("upstreams");
  if (const std::string one = reader.text("upstream", ""); has_one) texts = {one};
  const char* const key = has_one ? "upstream" : "upstreams";
  if (has_one && has_several) reader.complain("upstreams", "and upstream are one too many");
  if (has_several && texts.empty()) reader.complain("upstreams", "is empty; leave it out");
  if (texts.size() > kMostUpstreams) {
    reader.complain("upstreams", "has more than " + std::to_string(kMostUpstreams) + " servers");
  }
  for (const std::string& text : texts) {
    if (auto upstream = upstream_of(reader, key, text, settings)) {
      entry.upstreams.push_back(std::move(*upstream));
    }
  }
  const std::string ca = reader.text("upstream_ca", "");
  const bool has_tls = std::ranges::any_of(entry.upstreams, &Upstream::is_tls);
  const std::string crl = reader.text("upstream_crl", "");
  for (Upstream& upstream : entry.upstreams) {
    upstream.ca_path =
        ca.empty() ? settings.ca_certificate_path : resolve_path(settings.folder, ca);
    if (!crl.empty()) upstream.crl_path = resolve_path(settings.folder, crl);
  }
  if (!ca.empty() && !has_tls && !entry.upstreams.empty()) {
    reader.complain("upstream_ca", "has no meaning for an http upstream");
  }
  if (!crl.empty() && !has_tls) {
    reader.complain("upstream_crl", "has no meaning without an https upstream");
  }
  entry.answer_timeout =
      reader.duration("answer_timeout", settings.limits.upstream_answer_timeout, 1s, 24h);
  const toml::table* const health = reader.table("health");
  if (health != nullptr && entry.upstreams.empty()) {
    reader.complain("health", "needs an upstream");
  }
  entry.health = read_health(health, reading);
}

}  // namespace sekisho::settings
