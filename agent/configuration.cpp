#include "agent/configuration.h"

#include <sys/un.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/ip_network.h"
#include "base/text.h"

namespace sekisho::agent {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kFileLimit = 65536;
constexpr std::size_t kMostGateways = 8;
constexpr std::array<std::string_view, 7> kSettings{
    "gateways",        "state",          "socket",       "language",
    "connect_timeout", "answer_timeout", "security_keys"};
constexpr std::array<std::string_view, 2> kKeySettings{"touch_timeout", "plug_in_timeout"};

// What a time may be, and how an administrator writes its bounds.
struct Bounds {
  milliseconds least;
  milliseconds most;
  const char* text;
};
constexpr Bounds kOfGateways{milliseconds(100), milliseconds(60'000), "\"100ms\" to \"60s\""};
constexpr Bounds kOfTouching{milliseconds(5000), milliseconds(120'000), "\"5s\" to \"120s\""};
constexpr Bounds kOfPluggingIn{milliseconds(0), milliseconds(120'000), "\"0s\" to \"120s\""};

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

// "250ms" or "2s".
std::optional<milliseconds> parse_timeout(std::string_view text, const Bounds& bounds) {
  const bool is_fine = text.ends_with("ms");
  if (!is_fine && !text.ends_with('s')) return std::nullopt;
  const auto count = parse_unsigned(text.substr(0, text.size() - (is_fine ? 2 : 1)));
  if (!count || *count > 120'000) return std::nullopt;
  const milliseconds time(static_cast<long long>(*count) * (is_fine ? 1 : 1000));
  if (time < bounds.least || time > bounds.most) return std::nullopt;
  return time;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Collects the mistakes of one file, each with its line.
class Checker {
 public:
  Checker(const toml::table& table, const std::string& path) : table_(table), path_(path) {}

  void complain(const toml::node* node, const std::string& message) {
    complain_at(node == nullptr ? 1 : node->source().begin.line, message);
  }
  void complain_at(std::uint32_t line, const std::string& message) {
    add(path_ + ":" + std::to_string(line) + ": " + message);
  }
  const std::string& problems() const { return problems_; }

  // The text of a setting; `otherwise` when it is not there or is no text.
  std::string text(const char* name, std::string_view otherwise) {
    const toml::node* const node = table_.get(name);
    if (node == nullptr) return std::string(otherwise);
    const std::optional<std::string> value = node->value_exact<std::string>();
    if (!value || value->empty()) {
      complain(node, std::string(name) + " must be a text, for example \"" +
                         std::string(otherwise) + "\"");
    }
    return value.value_or(std::string(otherwise));
  }
  milliseconds timeout(const char* name, milliseconds otherwise, const Bounds& bounds) {
    const std::string written = text(name, std::to_string(otherwise.count()) + "ms");
    const std::optional<milliseconds> time = parse_timeout(written, bounds);
    if (!time) {
      complain(table_.get(name), std::string(name) + " must be a time from " + bounds.text +
                                     ", for example \"" + std::to_string(otherwise.count() / 1000) +
                                     "s\"");
    }
    return time.value_or(otherwise);
  }
  std::string path(const char* name, std::string_view otherwise) {
    const std::string written = text(name, otherwise);
    return written.starts_with('/') ? written : folder_of(path_) + "/" + written;
  }
  std::vector<GatewayAddress> gateways() {
    constexpr const char* kExample = "gateways = [\"https://gateway.town.example:8444\"]";
    const toml::node* const node = table_.get("gateways");
    const toml::array* const list = node == nullptr ? nullptr : node->as_array();
    std::vector<GatewayAddress> found;
    if (list == nullptr || list->empty() || list->size() > kMostGateways) {
      complain(node, "gateways must list 1 to 8 gateways, for example " + std::string(kExample));
      return found;
    }
    for (const toml::node& entry : *list) {
      const auto gateway = parse_gateway(entry.value_exact<std::string>().value_or(""));
      if (!gateway) {
        complain(&entry,
                 "a gateway must be written like \"https://gateway.town.example:8444\"; nothing "
                 "may follow the port");
      } else if (std::find(found.begin(), found.end(), *gateway) != found.end()) {
        complain(&entry, gateway->url() + " is listed twice");
      } else {
        found.push_back(*gateway);
      }
    }
    return found;
  }
  void refuse_unknown_settings() {
    for (const auto& [key, node] : table_) {
      if (std::find(kSettings.begin(), kSettings.end(), key.str()) != kSettings.end()) continue;
      complain_at(key.source().begin.line,
                  "there is no setting \"" + printable(key.str()) +
                      "\"; there are gateways, state, socket, language, connect_timeout, "
                      "answer_timeout and [security_keys]");
    }
  }
  KeyTimes key_times() {
    KeyTimes times;
    const toml::node* const node = table_.get("security_keys");
    if (node == nullptr) return times;
    if (!node->is_table()) {
      complain(node, "security_keys must be a section, [security_keys]");
      return times;
    }
    Checker section(*node->as_table(), path_);
    times.touch = section.timeout("touch_timeout", times.touch, kOfTouching);
    times.plug_in = section.timeout("plug_in_timeout", times.plug_in, kOfPluggingIn);
    for (const auto& [key, value] : *node->as_table()) {
      if (std::ranges::find(kKeySettings, key.str()) != kKeySettings.end()) continue;
      section.complain_at(key.source().begin.line,
                          "[security_keys] has no setting \"" + printable(key.str()) +
                              "\"; it has touch_timeout and plug_in_timeout");
    }
    if (!section.problems().empty()) add(section.problems());
    return times;
  }
  const toml::node* node(const char* name) const { return table_.get(name); }

 private:
  void add(const std::string& problem) {
    if (!problems_.empty()) problems_.push_back('\n');
    problems_ += problem;
  }

  const toml::table& table_;
  const std::string& path_;
  std::string problems_;
};

}  // namespace

std::string GatewayAddress::url() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return "https://" + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<GatewayAddress> parse_gateway(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  std::string_view rest = url.substr(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  GatewayAddress gateway;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto address = IpAddress::parse(rest.substr(1, end - 1));
    if (!address || address->is_v4()) return std::nullopt;
    gateway.host = address->text();
    rest.remove_prefix(end + 1);
  } else {
    const std::size_t colon = rest.find(':');
    gateway.host = lower_case(rest.substr(0, colon));
    if (!is_host_name(gateway.host)) return std::nullopt;
    rest.remove_prefix(std::min(colon, rest.size()));
  }
  if (rest.empty()) return gateway;
  const auto port = rest.starts_with(':') ? parse_unsigned(rest.substr(1)) : std::nullopt;
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  gateway.port = static_cast<std::uint16_t>(*port);
  return gateway;
}

Result<Configuration> parse_configuration(std::string_view text, const std::string& path) {
  if (!is_utf8(text)) return fail(ErrorCode::kInvalid, path + ": the file is not UTF-8");
  const toml::parse_result parsed = toml::parse(text, std::string_view(path));
  if (!parsed) {
    return fail(ErrorCode::kInvalid, path + ":" +
                                         std::to_string(parsed.error().source().begin.line) + ": " +
                                         std::string(parsed.error().description()));
  }
  Checker checker(parsed.table(), path);
  Configuration configuration;
  configuration.gateways = checker.gateways();
  configuration.state = checker.path("state", "/var/lib/sekisho-agent");
  configuration.socket = checker.path("socket", "/run/sekisho/agent.sock");
  if (configuration.socket.size() >= sizeof(sockaddr_un::sun_path)) {
    checker.complain(checker.node("socket"), "the socket's path must be shorter than 108 bytes");
  }
  const auto language = conversation::language_named(checker.text("language", "ja"));
  if (!language) checker.complain(checker.node("language"), "language must be \"ja\" or \"en\"");
  configuration.language = language.value_or(conversation::Language::kJapanese);
  configuration.patience.connect =
      checker.timeout("connect_timeout", milliseconds(2000), kOfGateways);
  configuration.patience.answer =
      checker.timeout("answer_timeout", milliseconds(5000), kOfGateways);
  configuration.key_times = checker.key_times();
  checker.refuse_unknown_settings();
  if (!checker.problems().empty()) return fail(ErrorCode::kInvalid, checker.problems());
  return configuration;
}

Result<Configuration> load_configuration(const std::string& path) {
  const Result<std::string> text = read_file(path, kFileLimit);
  if (!text) return fail(text.error());
  return parse_configuration(*text, path);
}

}  // namespace sekisho::agent
