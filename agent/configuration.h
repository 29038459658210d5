// The agent's configuration, agent.toml: read whole and checked before anything starts.
//
//   gateways = ["https://gw1.town.example:8444", "https://gw2.town.example:8444"]
//   state = "/var/lib/sekisho-agent"         the terminal's key and certificates
//   socket = "/run/sekisho/agent.sock"       where the PAM module finds the agent
//   language = "ja"                          for sessions that name no locale: "ja" or "en"
//   connect_timeout = "2s"                   to reach one gateway, TLS included
//   answer_timeout = "5s"                    for its answer, once reached
//   [security_keys]
//   touch_timeout = "30s"                    for the key to be touched, "5s" to "120s"
//   plug_in_timeout = "20s"                  for it to be plugged in, "0s" to "120s"
//
// Paths are relative to the file's folder.

#ifndef SEKISHO_AGENT_CONFIGURATION_H_
#define SEKISHO_AGENT_CONFIGURATION_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/language.h"

namespace sekisho::agent {

// Where a gateway's terminal listener is.
struct GatewayAddress {
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 443;
  // "https://host:port", as an administrator writes it.
  std::string url() const;
  bool operator==(const GatewayAddress&) const = default;
};

// "https://HOST" or "https://HOST:PORT", HOST a name, an IPv4 address or an IPv6 address in
// brackets; nullopt for anything else (a path, a user, another scheme).
std::optional<GatewayAddress> parse_gateway(std::string_view url);

// How long a gateway is waited for.
struct Patience {
  std::chrono::milliseconds connect{2000};
  std::chrono::milliseconds answer{5000};
  // For one question in all, whichever gateways are asked: less than the PAM module waits
  // (timeout=20 by default), so that it hears what became of a code that was spent.
  std::chrono::milliseconds question{15000};
};

// How long the person is waited for.
struct KeyTimes {
  std::chrono::milliseconds touch{30'000};
  std::chrono::milliseconds plug_in{20'000};  // 0: a key must be there when it is wanted
};

struct Configuration {
  std::vector<GatewayAddress> gateways;  // at least one
  std::string state;
  std::string socket;
  conversation::Language language = conversation::Language::kJapanese;
  Patience patience;
  KeyTimes key_times;
};

inline constexpr const char* kDefaultConfigurationPath = "/etc/sekisho/agent.toml";

// kInvalid with one line per mistake, "agent.toml:3: ...", each saying what would be right.
Result<Configuration> parse_configuration(std::string_view text, const std::string& path);
Result<Configuration> load_configuration(const std::string& path);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_CONFIGURATION_H_
