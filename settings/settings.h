// The configuration of a gateway: sekishod.toml, read whole, checked whole, before anything
// starts.  Every mistake is reported with its line and what would be right; there is no partial
// configuration and no default for what decides who is inside.

#ifndef SEKISHO_SETTINGS_SETTINGS_H_
#define SEKISHO_SETTINGS_SETTINGS_H_

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "authn/access_rules.h"
#include "authn/policy.h"
#include "base/ip_network.h"

namespace sekisho::settings {

struct Listener {
  // kCheck: a socket of this machine, where a reverse proxy asks for its checks.
  enum class Kind { kWeb, kTerminal, kMetrics, kCheck };
  Kind kind = Kind::kWeb;
  IpAddress address;               // not kCheck
  std::uint16_t port = 0;          // 0: any free one (tests, demo)
  std::string socket_path;         // kCheck
  std::string group;               // kCheck: who may ask, besides ourselves; empty: our own group
  std::string certificate_path;    // kWeb: chain in PEM
  std::string key_path;            // kWeb
  std::vector<std::string> names;  // kTerminal: names and addresses in its certificate
  int line = 0;
  // The file a socket has its owner and mode set as, before it takes the place of `socket_path`.
  static constexpr std::string_view kUnfinishedSocket = ".new";
};
std::string_view name_of(Listener::Kind kind);

struct Upstream {
  bool is_tls = false;
  std::string host;  // name or address; resolved only into the segment
  std::uint16_t port = 80;
  std::string ca_path;   // is_tls: whom to trust; the name in the certificate must be `host`
  std::string crl_path;  // is_tls: which certificates of theirs were withdrawn; empty: not asked
};

// When one of an application's servers counts as down ([application.health]).
struct HealthCheck {
  std::string path;  // asked of each server; empty: only what becomes of requests counts
  std::chrono::milliseconds every{10'000};   // 1 s..10 min; without a path: until it is tried again
  std::chrono::milliseconds timeout{2'000};  // of a question; 100 ms..60 s
  int fall = 3;                              // failures in a row until it is down; 1..100
  int rise = 2;                              // good answers to questions until it is up; 1..100
};

inline constexpr std::size_t kMostUpstreams = 16;

struct ApplicationEntry {
  authn::Application application;
  std::vector<Upstream> upstreams;  // at most kMostUpstreams; none: forward-auth only
  HealthCheck health;
  bool allows_websocket = false;
  // For event streams and long polls; none: Limits::upstream_answer_timeout.
  std::optional<std::chrono::milliseconds> answer_timeout;  // 1 s..24 h, without a byte
  bool wants_identity_token = false;  // a signed word on who is there, in Sekisho-Identity
  std::string title;                  // shown on the portal's page; the name when empty
};

// A line for each request, for whoever runs the gateway; the audit log is another thing.
struct AccessLogSettings {
  std::string path;  // empty: none is kept
  // Lines that wait for a slow disk; more are left out, and counted.  64 KiB..1 GiB
  std::size_t waiting_bytes = 16 * 1024 * 1024;
};

struct Limits {
  int threads = 0;                            // event loops; 0: one for each core; 0..256
  std::size_t header_bytes = 32 * 1024;       // 1 KiB..256 KiB
  std::size_t request_line_bytes = 8 * 1024;  // of a request's head, the first line; 256 B..64 KiB
  std::size_t form_bytes = 32 * 1024;         // body of a portal or terminal request; 1 KiB..1 MiB
  int connections = 10'000;            // 10..1'000'000; an eighth is for proxies and terminals
  int connections_per_source = 2'000;  // 1..1'000'000; proxies are not counted
  int connections_per_second = 500;    // opened by one source; 1..100'000; likewise
  std::chrono::milliseconds handshake_timeout{10'000};        // 1 s..60 s
  std::chrono::milliseconds header_timeout{15'000};           // 1 s..5 min, from the first byte
  std::chrono::milliseconds idle_timeout{75'000};             // between requests; 1 s..1 h
  std::chrono::milliseconds body_timeout{60'000};             // without a byte; 1 s..1 h
  std::chrono::milliseconds upstream_connect_timeout{5'000};  // 100 ms..60 s
  std::chrono::milliseconds upstream_answer_timeout{60'000};  // 1 s..1 h
  std::chrono::milliseconds tunnel_idle_timeout{3'600'000};   // WebSocket; 1 s..24 h
  std::chrono::milliseconds stop_timeout{30'000};             // graceful stop; 0..10 min
  int password_workers = 0;  // threads for Argon2id; 0: half the cores; 0..64
  int password_queue = 128;  // waiting; then 503; 1..10000
  int upstream_idle = 64;    // kept connections to one upstream, each loop; 0..10000
};

// A setting as it holds, whether the file says so or not.
struct EffectiveSetting {
  std::string table;  // "sessions", "application.rule"
  std::string key;
  std::variant<bool, std::int64_t, std::string, std::vector<std::string>> value;
  std::string unit;    // of a time: "ms", "s", "m", "h" or "d"
  int line = 0;        // of the file; 0: this is the default
  int table_line = 0;  // 0: the table is not there
};

struct Settings {
  std::string path;    // of the file
  std::string folder;  // relative paths in it start here
  std::vector<IpNetwork> segment;
  std::string store_path;
  std::string seal_keys_path;
  std::string audit_key_path;
  std::string ca_certificate_path;
  std::string ca_key_path;
  std::string trust_anchors_path;  // of keys' makers; empty: none
  std::string portal_url;          // "https://portal.town.example:8443", no final slash
  std::string portal_host;         // "portal.town.example"
  std::string organization;        // shown on every page
  std::string cookie_domain;       // empty: host-only cookie
  std::vector<Listener> listeners;
  std::vector<IpNetwork> trusted_proxies;
  authn::Policy policy;
  authn::IdentityPolicy identity;
  AccessLogSettings access_log;
  Limits limits;
  std::vector<ApplicationEntry> applications;
  authn::Calendar calendar;
  // Everything above as the file would say it, in the order it was read: for the auditor.
  std::vector<EffectiveSetting> effective;

  authn::AccessRules access_rules() const;
  // The portal's origin as browsers write it: without the usual port.
  std::string portal_origin() const;
  bool is_inside(const IpAddress& address) const { return contains(segment, address); }
};

struct Finding {
  int line = 0;  // 0: the file as a whole
  std::string message;
};

// Reads `path`.  The findings are in the order of the file, never empty.
std::expected<Settings, std::vector<Finding>> load(const std::string& path);
// The same for a text; `path` is for messages and relative paths.
std::expected<Settings, std::vector<Finding>> parse(std::string_view text, const std::string& path);

// "sekishod.toml:12: …", one line each.
std::string text_of(const std::vector<Finding>& findings, const std::string& path);

}  // namespace sekisho::settings

#endif  // SEKISHO_SETTINGS_SETTINGS_H_
