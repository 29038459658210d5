// When rules let in: holidays, and proof that is not old.
#include "base/file.h"
#include "settings/settings.h"
#include "tests/support/outcome.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::settings {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::must;

std::string file(std::string_view segment, std::string_view rule) {
  return "[segment]\nnetworks = [\"127.0.0.0/8\"]\n" + std::string(segment) + R"(
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
[[application]]
name = "tax"
host = "tax.town.example"
[[application.rule]]
path = "/"
)" + std::string(rule) +
         "\n";
}

Settings good(std::string_view segment, std::string_view rule) {
  auto parsed = parse(file(segment, rule), "/etc/sekisho/sekishod.toml");
  if (!parsed) FAIL(text_of(parsed.error(), "sekishod.toml"));
  return *std::move(parsed);
}

std::string findings(std::string_view segment, std::string_view rule = "") {
  const auto parsed = parse(file(segment, rule), "sekishod.toml");
  REQUIRE_FALSE(parsed);
  return text_of(parsed.error(), "sekishod.toml");
}

const authn::AccessRule& first_rule(const Settings& settings) {
  return settings.applications[0].application.rules[0];
}

TEST_CASE("holidays come from a file, and a rule may be for them", "[settings]") {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("holidays.csv");
  const std::string named = "holidays = \"" + path + "\"";
  must(create_file_durably(path, "2026/11/23,勤労感謝の日\n", 0644));
  const Settings settings = good(named, "days = \"sat-sun,hol\"");
  REQUIRE(settings.calendar.holidays.size() == 1);
  CHECK(first_rule(settings).hours->days == 0b11100000U);
}

TEST_CASE("a file of holidays that cannot be read is refused with the reason", "[settings]") {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("holidays.csv");
  CHECK_THAT(findings("holidays = \"" + path + "\""),
             has("[segment] holidays: cannot open " + path));
  must(create_file_durably(path, "2026/11/23\nsoon\n", 0644));
  CHECK_THAT(findings("holidays = \"" + path + "\""),
             has("[segment] holidays: " + path + ": line 2 does not begin with a date"));
  CHECK_THAT(findings("", "days = \"mon-fri,hol\""),
             has("days: names holidays, which only [segment] holidays can tell"));
}

TEST_CASE("a rule may ask for proof that is not old", "[settings]") {
  CHECK(first_rule(good("", "require = \"fido2\"\nfresh = \"5m\"")).fresh == 5min);
  CHECK_FALSE(first_rule(good("", "")).fresh);
  CHECK_THAT(findings("", "fresh = \"30s\""), has("fresh: "));
  CHECK_THAT(findings("", "fresh = \"13h\""), has("fresh: "));
  CHECK_THAT(findings("", "fresh = \"5m\"\naccess = \"deny\""),
             has("fresh: has no meaning where access is refused"));
  CHECK_THAT(findings("", "fresh = \"5m\"\nrequire = \"password\""),
             has("fresh: asks for a second factor again; require must name one"));
}

}  // namespace
}  // namespace sekisho::settings
