// [identity], and which applications are told by a token.

#include "settings/settings.h"
#include "tests/support/outcome.h"

namespace sekisho::settings {
namespace {

using namespace std::chrono_literals;
using testing::has;

std::string town(std::string_view identity, std::string_view application = "") {
  return R"([segment]
networks = ["127.0.0.0/8"]
[store]
path = "s.db"
seal_keys = "k"
audit_key = "a"
[ca]
certificate = "c"
key = "k"
[portal]
url = "https://portal.town.example"
cookie_domain = "town.example"
[[listener]]
address = "127.0.0.2:443"
kind = "web"
certificate = "c"
key = "k"
)" + std::string(identity) +
         "\n[[application]]\nname = \"tax\"\nhost = \"tax.town.example\"\n" +
         std::string(application) + "\n[[application.rule]]\npath = \"/\"\n";
}

Settings good(const std::string& text) {
  auto parsed = parse(text, "sekishod.toml");
  if (!parsed) FAIL(text_of(parsed.error(), "sekishod.toml"));
  return *std::move(parsed);
}

std::string finding(const std::string& text) {
  const auto parsed = parse(text, "sekishod.toml");
  return parsed ? "" : text_of(parsed.error(), "sekishod.toml");
}

TEST_CASE("no application is told by a token unless it says so", "[settings]") {
  const Settings settings = good(town(""));
  CHECK_FALSE(settings.applications[0].wants_identity_token);
  CHECK(settings.identity.token_life == 60s);
  CHECK(settings.identity.rotate_days == 30);
  CHECK(good(town("", "identity_token = true")).applications[0].wants_identity_token);
  CHECK_THAT(finding(town("", "identity_token = \"yes\"")),
             has("identity_token: must be true or false"));
}

TEST_CASE("a token lives 30 s to 5 min, and a key 1 to 365 days", "[settings]") {
  const auto identity = [](std::string_view line) {
    return town("[identity]\n" + std::string(line));
  };
  CHECK(good(identity("token_life = \"30s\"")).identity.token_life == 30s);
  CHECK(good(identity("token_life = \"5m\"")).identity.token_life == 5min);
  CHECK(good(identity("rotate_days = 1")).identity.rotate_days == 1);
  CHECK(good(identity("rotate_days = 365")).identity.rotate_days == 365);
  CHECK_THAT(finding(identity("token_life = \"29s\"")), has("token_life"));
  CHECK_THAT(finding(identity("token_life = \"301s\"")), has("token_life"));
  CHECK_THAT(finding(identity("token_life = 60")), has("token_life"));
  CHECK_THAT(finding(identity("rotate_days = 0")), has("rotate_days"));
  CHECK_THAT(finding(identity("rotate_days = 366")), has("rotate_days"));
  CHECK_THAT(finding(identity("life = \"60s\"")), has("life"));
}

}  // namespace
}  // namespace sekisho::settings
