// [identity], and which applications are told by a token.

#include "tests/settings/small_town.h"

namespace sekisho::settings {
namespace {

using namespace std::chrono_literals;
using testing::has;

std::string town(std::string_view identity, std::string_view application = "") {
  return joined({kSegment, kTown, identity, "\n", kApplication, application, "\n", kRule});
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
