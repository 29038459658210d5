#include "settings/settings_listeners.h"

#include <sys/un.h>

#include <algorithm>

#include "base/text.h"
#include "settings/settings_applications.h"

namespace sekisho::settings {
namespace {

using Kind = Listener::Kind;

std::optional<Kind> listener_kind(std::string_view text) {
  for (const auto kind : {Kind::kWeb, Kind::kTerminal, Kind::kMetrics, Kind::kCheck}) {
    if (text == name_of(kind)) return kind;
  }
  return std::nullopt;
}

void read_address(TableReader& reader, const Settings& settings, Listener& listener) {
  const std::string text = reader.required_text("address", "10.20.0.2:443");
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  constexpr unsigned long long kNoPort = 65536;
  const unsigned long long port = colon == std::string::npos
                                      ? kNoPort
                                      : parse_unsigned(text.substr(colon + 1)).value_or(kNoPort);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const auto address = IpAddress::parse(host);
  if (!address || port >= kNoPort) {
    if (!text.empty()) {
      reader.complain("address",
                      "must be an address and a port, like \"10.20.0.2:443\" or "
                      "\"[fd00::2]:443\"");
    }
    return;
  }
  listener.address = *address;
  listener.port = static_cast<std::uint16_t>(port);
  if (listener.kind == Kind::kMetrics) {
    if (!address->is_loopback()) {
      reader.complain("address", "metrics are served on loopback only: use 127.0.0.1");
    }
  } else if (!settings.is_inside(*address)) {
    reader.complain("address", address->text() +
                                   " is outside [segment] networks: the gateway "
                                   "listens only inside");
  }
}

// Where a socket of this machine is.  Its own name and that of the file it is made as must fit.
void read_socket(TableReader& reader, Listener& listener) {
  listener.socket_path = reader.required_text("path", "/run/sekisho-gateway/check.sock");
  listener.group = reader.text("group", "");
  if (listener.socket_path.empty()) return;
  constexpr std::size_t kMost =
      sizeof(sockaddr_un::sun_path) - 1 - Listener::kUnfinishedSocket.size();
  if (listener.socket_path.front() != '/' || listener.socket_path.size() > kMost) {
    reader.complain("path", "must begin with \"/\" and have at most " + std::to_string(kMost) +
                                " characters, like \"/run/sekisho-gateway/check.sock\"");
  }
}

void complain_of_twins(TableReader& reader, const Settings& settings, const Listener& listener) {
  for (const Listener& other : settings.listeners) {
    const bool is_same =
        listener.kind == Kind::kCheck
            ? other.kind == Kind::kCheck && other.socket_path == listener.socket_path
            : other.kind != Kind::kCheck && listener.port != 0 && other.port == listener.port &&
                  other.address == listener.address;
    if (!is_same) continue;
    reader.complain(listener.kind == Kind::kCheck ? "path" : "address",
                    "belongs to the listener of line " + std::to_string(other.line) + " already");
  }
}

}  // namespace

std::string_view name_of(Listener::Kind kind) {
  switch (kind) {
    case Kind::kWeb:
      return "web";
    case Kind::kTerminal:
      return "terminal";
    case Kind::kMetrics:
      return "metrics";
    case Kind::kCheck:
      return "check";
  }
  return "web";
}

void read_listeners(TableReader& root, Settings& settings, Reading& reading) {
  for (const toml::table* table : root.tables("listener")) {
    TableReader reader(table, "[[listener]]", 0, reading);
    Listener listener;
    listener.line = reader.line();
    const std::string kind_text = reader.required_text("kind", "web");
    const auto kind = listener_kind(kind_text);
    if (!kind && !kind_text.empty()) {
      reader.complain("kind", "must be \"web\", \"terminal\", \"check\" or \"metrics\"");
    }
    listener.kind = kind.value_or(Kind::kWeb);
    if (listener.kind == Kind::kCheck) {
      read_socket(reader, listener);
    } else {
      read_address(reader, settings, listener);
    }
    complain_of_twins(reader, settings, listener);
    if (listener.kind == Kind::kWeb) {
      listener.certificate_path =
          resolve_path(settings.folder, reader.required_text("certificate", "tls/portal.pem"));
      listener.key_path =
          resolve_path(settings.folder, reader.required_text("key", "tls/portal.key"));
    }
    if (listener.kind == Kind::kTerminal) {
      listener.names = reader.texts("names", {listener.address.text()});
      if (listener.names.empty()) listener.names.push_back(listener.address.text());
    }
    reader.finish();
    settings.listeners.push_back(std::move(listener));
  }
  const bool has_web =
      std::any_of(settings.listeners.begin(), settings.listeners.end(),
                  [](const Listener& listener) { return listener.kind == Kind::kWeb; });
  if (!has_web) {
    reading.findings.push_back(
        {0,
         "[[listener]] with kind = \"web\" is missing: without it nobody can "
         "sign in"});
  }
}

}  // namespace sekisho::settings
