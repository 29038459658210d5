#include "agent/configuration.h"

#include "tests/support/catch.h"

namespace sekisho::agent {
namespace {

using namespace std::chrono_literals;

std::string problems_of(std::string_view text) {
  const Result<Configuration> configuration = parse_configuration(text, "/etc/s/agent.toml");
  REQUIRE_FALSE(configuration);
  CHECK(configuration.error().code == ErrorCode::kInvalid);
  return configuration.error().message;
}

TEST_CASE("one gateway is a whole configuration", "[agent]") {
  const auto configuration =
      parse_configuration("gateways = [\"https://gw.town.example:8444\"]", "agent.toml");
  REQUIRE(configuration);
  CHECK(configuration->gateways == std::vector<GatewayAddress>{{"gw.town.example", 8444}});
  CHECK(configuration->state == "/var/lib/sekisho-agent");
  CHECK(configuration->socket == "/run/sekisho/agent.sock");
  CHECK(configuration->language == conversation::Language::kJapanese);
  CHECK(configuration->patience.connect == 2s);
  CHECK(configuration->patience.answer == 5s);
  CHECK(configuration->key_times.touch == 30s);
  CHECK(configuration->key_times.plug_in == 20s);
}

TEST_CASE("every setting is taken, and paths are relative to the file", "[agent]") {
  const auto configuration = parse_configuration(R"(
gateways = ["https://10.0.0.1", "https://[fd00::2]:8444/"]
state = "state"
socket = "/tmp/agent.sock"
language = "en"
connect_timeout = "250ms"
answer_timeout = "10s"
[security_keys]
touch_timeout = "5s"
plug_in_timeout = "0s"
)",
                                                 "/etc/s/agent.toml");
  REQUIRE(configuration);
  CHECK(configuration->gateways ==
        std::vector<GatewayAddress>{{"10.0.0.1", 443}, {"fd00::2", 8444}});
  CHECK(configuration->gateways[1].url() == "https://[fd00::2]:8444");
  CHECK(configuration->state == "/etc/s/state");
  CHECK(configuration->socket == "/tmp/agent.sock");
  CHECK(configuration->language == conversation::Language::kEnglish);
  CHECK(configuration->patience.connect == 250ms);
  CHECK(configuration->patience.answer == 10s);
  CHECK(configuration->key_times.touch == 5s);
  CHECK(configuration->key_times.plug_in == 0s);
}

TEST_CASE("every mistake is told with its line and what would be right", "[agent]") {
  const std::string problems = problems_of(R"(
gateways = ["https://gw:8444", "http://gw2:8444", "https://gw:8444"]
langage = "ja"
language = "fr"
connect_timeout = "2"
answer_timeout = 5
)");
  CHECK(problems.find("/etc/s/agent.toml:2: a gateway must be written like") != std::string::npos);
  CHECK(problems.find("https://gw:8444 is listed twice") != std::string::npos);
  CHECK(problems.find("/etc/s/agent.toml:3: there is no setting \"langage\"") != std::string::npos);
  CHECK(problems.find("/etc/s/agent.toml:4: language must be") != std::string::npos);
  CHECK(problems.find("/etc/s/agent.toml:5: connect_timeout must be") != std::string::npos);
  CHECK(problems.find("/etc/s/agent.toml:6: answer_timeout must be") != std::string::npos);
}

TEST_CASE("a key is waited for between 5 and 120 seconds, or not at all", "[agent]") {
  const auto problems_in = [](const std::string& lines) {
    return problems_of("gateways = [\"https://gw\"]\n" + lines);
  };
  const std::string outside = problems_in(
      "[security_keys]\ntouch_timeout = \"4s\"\nplug_in_timeout = \"121s\"\ntouch = \"5s\"\n");
  CHECK(outside.find("agent.toml:3: touch_timeout must be a time from \"5s\" to \"120s\", for "
                     "example \"30s\"") != std::string::npos);
  CHECK(outside.find("agent.toml:4: plug_in_timeout must be a time from \"0s\" to \"120s\"") !=
        std::string::npos);
  CHECK(outside.find("agent.toml:5: [security_keys] has no setting \"touch\"") !=
        std::string::npos);
  CHECK(problems_in("security_keys = 1\n").find(":2: security_keys must be a section") !=
        std::string::npos);
  CHECK(
      parse_configuration("gateways = [\"https://gw\"]\n[security_keys]\n"
                          "touch_timeout = \"120s\"\nplug_in_timeout = \"120s\"\n",
                          "agent.toml"));
  CHECK(problems_in("connect_timeout = \"61s\"\n")
            .find(":2: connect_timeout must be a time from "
                  "\"100ms\" to \"60s\"") != std::string::npos);
}

TEST_CASE("no gateway is no configuration", "[agent]") {
  CHECK(problems_of("").find("gateways must list") != std::string::npos);
  CHECK(problems_of("gateways = []").find(":1: gateways must list") != std::string::npos);
  CHECK(problems_of("gateways = \"https://gw\"").find("gateways must list") != std::string::npos);
}

TEST_CASE("what is no TOML or no UTF-8 is told", "[agent]") {
  CHECK(problems_of("gateways = [\n\"https://gw\"\n").find("/etc/s/agent.toml:") == 0);
  CHECK(problems_of("# \xff").find("UTF-8") != std::string::npos);
}

TEST_CASE("an address that is not exactly a gateway's is refused", "[agent]") {
  for (const char* const url :
       {"", "gw", "https://", "https://:1", "https://gw:", "https://gw:0", "https://gw:65536",
        "https://gw:1/x", "https://user@gw", "https://[fd00::1", "https://[10.0.0.1]",
        "https://[::1]x", "https://gw:1:2", "https://a b", "https://-gw", "ftp://gw"}) {
    INFO(url);
    CHECK_FALSE(parse_gateway(url));
  }
  CHECK(parse_gateway("https://GW.Town.example:1")->host == "gw.town.example");
}

TEST_CASE("a socket's path has the kernel's limit", "[agent]") {
  CHECK(problems_of("gateways=[\"https://gw\"]\nsocket = \"/" + std::string(107, 'x') + "\"")
            .find(":2: the socket's path") != std::string::npos);
}

}  // namespace
}  // namespace sekisho::agent
