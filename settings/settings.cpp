#include "settings/settings.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "settings/holidays.h"
#include "settings/settings_applications.h"
#include "settings/settings_listeners.h"
#include "settings/settings_security_keys.h"
#include "settings/table_reader.h"

namespace sekisho::settings {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::size_t kFileLimit = 1024 * 1024;

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void read_places(TableReader& root, Settings& settings, Reading& reading) {
  TableReader store(root.table("store"), "[store]", 0, reading);
  const auto path = [&](TableReader& reader, std::string_view key, std::string_view example) {
    return resolve_path(settings.folder, reader.required_text(key, example));
  };
  settings.store_path = path(store, "path", "/var/lib/sekisho/store.db");
  settings.seal_keys_path = path(store, "seal_keys", "keys/seal.keys");
  settings.audit_key_path = path(store, "audit_key", "keys/audit.pem");
  store.finish();

  TableReader ca(root.table("ca"), "[ca]", 0, reading);
  settings.ca_certificate_path = path(ca, "certificate", "keys/ca.pem");
  settings.ca_key_path = path(ca, "key", "keys/ca.key");
  settings.policy.terminal.certificate_days = ca.number("terminal_days", 90, 1, 825);
  ca.finish();
}

void read_segment(TableReader& root, Settings& settings, Reading& reading) {
  TableReader segment(root.table("segment"), "[segment]", 0, reading);
  settings.segment = segment.networks("networks");
  if (!segment.has("networks") || segment.is_empty_list("networks")) {
    segment.complain("networks",
                     "is missing; name the segment's networks, for example networks = "
                     "[\"10.20.0.0/16\"]: without them nothing starts");
  }
  for (const IpNetwork& network : settings.segment) {
    if (!network.is_too_wide_for_a_segment()) continue;
    segment.complain("networks", network.text() +
                                     " is wider than a segment can be: name the "
                                     "organisation's own networks");
  }
  const std::string zone = segment.text("utc_offset", "+09:00");
  const auto hours =
      zone.size() == 6 ? parse_unsigned(std::string_view(zone).substr(1, 2)) : std::nullopt;
  const auto minutes =
      zone.size() == 6 ? parse_unsigned(std::string_view(zone).substr(4, 2)) : std::nullopt;
  if (!hours || !minutes || *hours > 14 || *minutes > 59 || zone[3] != ':' ||
      (zone[0] != '+' && zone[0] != '-')) {
    segment.complain("utc_offset", "must be like \"+09:00\"");
  } else {
    const int total = static_cast<int>(*hours * 60 + *minutes);
    settings.calendar.utc_offset = std::chrono::minutes(zone[0] == '-' ? -total : total);
  }
  if (const std::string path = segment.text("holidays", ""); !path.empty()) {
    const std::string whole = resolve_path(settings.folder, path);
    const auto text = read_file(whole, kMostHolidayBytes);
    if (!text) {
      segment.complain("holidays", text.error().message);
    } else if (auto days = read_holidays(*text); !days) {
      segment.complain("holidays", whole + ": " + days.error().message);
    } else {
      settings.calendar.holidays = std::move(*days);
    }
  }
  segment.finish();
}

void read_portal(TableReader& root, Settings& settings, Reading& reading) {
  TableReader portal(root.table("portal"), "[portal]", 0, reading);
  std::string url = portal.required_text("url", "https://portal.town.example");
  if (url.ends_with('/')) url.pop_back();
  const auto parsed = parse_url(url);
  if (!url.empty() && (!parsed || !parsed->is_tls)) {
    portal.complain("url",
                    "must be like \"https://portal.town.example\" or "
                    "\"https://portal.town.example:8443\"");
  }
  if (parsed) {
    settings.portal_url = url;
    settings.portal_host = parsed->host;
    if (IpAddress::parse(parsed->host)) {
      portal.complain("url",
                      "must have a host name, not an address: cookies and security keys "
                      "are bound to names");
    }
  }
  settings.organization = portal.text("organization", "");
  settings.cookie_domain = lower_case(portal.text("cookie_domain", ""));
  if (!settings.cookie_domain.empty()) {
    const bool is_parent = settings.portal_host == settings.cookie_domain ||
                           settings.portal_host.ends_with("." + settings.cookie_domain);
    if (!is_parent) {
      portal.complain("cookie_domain",
                      "must be a domain above the portal's host \"" + settings.portal_host + "\"");
    } else if (settings.cookie_domain.find('.') == std::string::npos) {
      portal.complain("cookie_domain", "must have at least two parts, like \"town.example\"");
    }
  }
  portal.finish();
}

void read_policy(TableReader& root, Settings& settings, Reading& reading) {
  authn::SessionPolicy& session = settings.policy.session;
  TableReader sessions(root.table("sessions"), "[sessions]", 0, reading);
  session.idle = sessions.duration("idle", session.idle, 1min, 24h);
  session.absolute = sessions.duration("absolute", session.absolute, 5min, 24h);
  session.pending = sessions.duration("pending", session.pending, 1min, 30min);
  if (session.idle > session.absolute) sessions.complain("idle", "is longer than absolute");
  sessions.finish();

  authn::ThrottlePolicy& throttle = settings.policy.throttle;
  TableReader t(root.table("throttle"), "[throttle]", 0, reading);
  throttle.backoff_from = t.number("backoff_from", throttle.backoff_from, 1, 100);
  throttle.backoff_first = t.duration("backoff_first", throttle.backoff_first, 0ms, 60s);
  throttle.lock_after = t.number("lock_after", throttle.lock_after, 3, 100);
  throttle.lock_for = t.duration("lock_for", throttle.lock_for, 1s, 24h);
  throttle.lock_most =
      t.duration("lock_most", std::max(throttle.lock_most, throttle.lock_for), 1s, 24h);
  throttle.account_backoff_from =
      t.number("account_backoff_from", throttle.account_backoff_from, 3, 100);
  throttle.account_backoff_most =
      t.duration("account_backoff_most", throttle.account_backoff_most, 0ms, 10min);
  throttle.known_source_for =
      t.duration("known_source_for", throttle.known_source_for, 0ms, 365 * 24h);
  throttle.disable_after = t.number("disable_after", throttle.disable_after, 3, 100);
  throttle.source_after = t.number("source_after", throttle.source_after, 5, 10'000);
  throttle.source_window = t.duration("source_window", throttle.source_window, 1min, 24h);
  throttle.source_backoff_most =
      t.duration("source_backoff_most", throttle.source_backoff_most, 0ms, 10min);
  if (throttle.lock_most < throttle.lock_for) {
    t.complain("lock_most", "is shorter than lock_for");
  }
  t.finish();

  authn::TotpPolicy& totp = settings.policy.totp;
  TableReader codes(root.table("totp"), "[totp]", 0, reading);
  totp.window = codes.number("window", totp.window, 0, 2);
  totp.drift_most = codes.number("drift_most", totp.drift_most, 0, 100);
  totp.resync_window = codes.number("resync_window", totp.resync_window, 10, 1000);
  codes.finish();

  authn::TerminalPolicy& terminal = settings.policy.terminal;
  TableReader terminals(root.table("terminals"), "[terminals]", 0, reading);
  terminal.transaction_life =
      terminals.duration("transaction_life", terminal.transaction_life, 10s, 10min);
  terminal.join_token_life =
      terminals.duration("join_token_life", terminal.join_token_life, 1min, 168h);
  terminal.seat_life = terminals.duration("seat_life", terminal.seat_life, 1min, 24h);
  read_terminal_services(terminals, settings, reading);
  terminals.finish();
}

// Never laxer than what holds for others.
void read_privileged(TableReader& root, Settings& settings, Reading& reading) {
  const authn::Policy& others = settings.policy;
  authn::PrivilegedPolicy& policy = settings.policy.privileged;
  TableReader privileged(root.table("privileged"), "[privileged]", 0, reading);
  policy.groups = privileged.texts("groups");
  require_group_names(privileged, "groups", policy.groups);
  policy.require = required_factor(privileged, policy.require);
  const int lock_after = privileged.number("lock_after", others.throttle.lock_after, 3, 100);
  const milliseconds idle = privileged.duration("idle", others.session.idle, 1min, 24h);
  const milliseconds absolute = privileged.duration("absolute", others.session.absolute, 5min, 24h);
  if (lock_after > others.throttle.lock_after) {
    privileged.complain("lock_after", "is more than [throttle] lock_after gives everybody");
  }
  if (idle > others.session.idle) {
    privileged.complain("idle", "is longer than [sessions] idle gives everybody");
  }
  if (absolute > others.session.absolute) {
    privileged.complain("absolute", "is longer than [sessions] absolute gives everybody");
  }
  policy.lock_after = lock_after;
  policy.idle = idle;
  policy.absolute = absolute;
  const bool is_stricter = policy.require != authn::PrivilegedPolicy().require ||
                           lock_after != others.throttle.lock_after ||
                           idle != others.session.idle || absolute != others.session.absolute;
  if (is_stricter && policy.groups.empty()) {
    privileged.complain("groups", "is missing: the rest of the table is for nobody");
  }
  privileged.finish();
}

void read_identity(TableReader& root, Settings& settings, Reading& reading) {
  authn::IdentityPolicy& policy = settings.identity;
  TableReader identity(root.table("identity"), "[identity]", 0, reading);
  policy.token_life = identity.duration("token_life", policy.token_life, 30s, 5min);
  policy.rotate_days = identity.number("rotate_days", policy.rotate_days, 1, 365);
  identity.finish();
}

void read_access_log(TableReader& root, Settings& settings, Reading& reading) {
  TableReader log(root.table("access_log"), "[access_log]", 0, reading);
  const std::string path = log.text("path", "");
  if (!path.empty()) settings.access_log.path = resolve_path(settings.folder, path);
  settings.access_log.waiting_bytes = log.number<std::size_t>(
      "waiting_bytes", settings.access_log.waiting_bytes, 65'536, 1'073'741'824);
  log.finish();
}

void read_limits(TableReader& root, Settings& settings, Reading& reading) {
  Limits& limits = settings.limits;
  TableReader l(root.table("limits"), "[limits]", 0, reading);
  limits.threads = l.number("threads", limits.threads, 0, 256);
  limits.header_bytes = l.number<std::size_t>("header_bytes", limits.header_bytes, 1024, 262'144);
  limits.request_line_bytes =
      l.number<std::size_t>("request_line_bytes", limits.request_line_bytes, 256, 65'536);
  if (l.has("request_line_bytes") && limits.request_line_bytes > limits.header_bytes) {
    l.complain("request_line_bytes", "is more than header_bytes, which holds the line, too");
  }
  limits.form_bytes = l.number<std::size_t>("form_bytes", limits.form_bytes, 1024, 1'048'576);
  limits.connections = l.number("connections", limits.connections, 10, 1'000'000);
  limits.connections_per_source =
      l.number("connections_per_source", limits.connections_per_source, 1, 1'000'000);
  limits.connections_per_second =
      l.number("connections_per_second", limits.connections_per_second, 1, 100'000);
  limits.handshake_timeout = l.duration("handshake_timeout", limits.handshake_timeout, 1s, 60s);
  limits.header_timeout = l.duration("header_timeout", limits.header_timeout, 1s, 5min);
  limits.idle_timeout = l.duration("idle_timeout", limits.idle_timeout, 1s, 1h);
  limits.body_timeout = l.duration("body_timeout", limits.body_timeout, 1s, 1h);
  limits.upstream_connect_timeout =
      l.duration("upstream_connect_timeout", limits.upstream_connect_timeout, 100ms, 60s);
  limits.upstream_answer_timeout =
      l.duration("upstream_answer_timeout", limits.upstream_answer_timeout, 1s, 1h);
  limits.tunnel_idle_timeout =
      l.duration("tunnel_idle_timeout", limits.tunnel_idle_timeout, 1s, 24h);
  limits.stop_timeout = l.duration("stop_timeout", limits.stop_timeout, 0ms, 10min);
  limits.password_workers = l.number("password_workers", limits.password_workers, 0, 64);
  limits.password_queue = l.number("password_queue", limits.password_queue, 1, 10'000);
  limits.upstream_idle = l.number("upstream_idle", limits.upstream_idle, 0, 10'000);
  l.finish();
}

}  // namespace

authn::AccessRules Settings::access_rules() const {
  std::vector<authn::Application> rules;
  for (const ApplicationEntry& entry : applications) rules.push_back(entry.application);
  return {std::move(rules), calendar, policy.privileged, policy.terminal.seat_life};
}

std::string Settings::portal_origin() const {
  constexpr std::string_view kUsualPort = ":443";
  return portal_url.ends_with(kUsualPort)
             ? portal_url.substr(0, portal_url.size() - kUsualPort.size())
             : portal_url;
}

std::expected<Settings, std::vector<Finding>> parse(std::string_view text,
                                                    const std::string& path) {
  if (!is_utf8(text)) return std::unexpected(std::vector<Finding>{{0, "the file is not UTF-8"}});
  const toml::parse_result parsed = toml::parse(text, path);
  if (parsed.failed()) {
    return std::unexpected(
        std::vector<Finding>{{static_cast<int>(parsed.error().source().begin.line),
                              std::string(parsed.error().description())}});
  }
  Settings settings;
  settings.path = path;
  settings.folder = folder_of(path);
  Reading reading;
  TableReader root(&parsed.table(), "the file", 0, reading);
  read_segment(root, settings, reading);
  read_places(root, settings, reading);
  read_portal(root, settings, reading);
  read_listeners(root, settings, reading);
  TableReader proxies(root.table("proxies"), "[proxies]", 0, reading);
  settings.trusted_proxies = proxies.networks("trusted");
  proxies.finish();
  read_policy(root, settings, reading);
  read_privileged(root, settings, reading);
  read_security_keys(root, settings, reading);
  read_identity(root, settings, reading);
  read_access_log(root, settings, reading);
  read_limits(root, settings, reading);
  settings.applications = read_applications(root, settings, reading);
  root.finish();
  if (!reading.findings.empty()) {
    std::stable_sort(reading.findings.begin(), reading.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.line < b.line; });
    return std::unexpected(std::move(reading.findings));
  }
  settings.effective = std::move(reading.effective);
  return settings;
}

std::expected<Settings, std::vector<Finding>> load(const std::string& path) {
  const Result<std::string> text = read_file(path, kFileLimit);
  if (!text) return std::unexpected(std::vector<Finding>{{0, text.error().message}});
  return parse(*text, path);
}

std::string text_of(const std::vector<Finding>& findings, const std::string& path) {
  std::string out;
  for (const Finding& finding : findings) {
    out += path;
    if (finding.line > 0) out += ":" + std::to_string(finding.line);
    out += ": " + finding.message + "\n";
  }
  return out;
}

}  // namespace sekisho::settings
