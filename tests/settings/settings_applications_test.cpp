// What an application may say: when its rules let in, how fresh proof must be, where its servers
// are.
#include "base/file.h"
#include "tests/settings/small_town.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::settings {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::must;

std::string file(std::string_view segment, std::string_view rule) {
  return joined({kSegment, segment, "\n", kTown, kApplication, kRule, rule, "\n"});
}

Settings good(std::string_view segment, std::string_view rule) {
  return settings::good(file(segment, rule));
}

std::string findings(std::string_view segment, std::string_view rule = "") {
  return settings::findings(file(segment, rule));
}

// A deployment with one application, which has these lines.
std::string whole(std::string_view lines) {
  return joined({kSegment, "\n", kTown, kApplication, lines, kRule, "\n"});
}

Settings parse_whole(std::string_view lines) {
  return settings::good(whole(lines));
}

const authn::AccessRule& first_rule(const Settings& settings) {
  return settings.applications[0].application.rules[0];
}

TEST_CASE("a rule may be for terminals, by name or by the beginning of their names", "[settings]") {
  const Settings settings = good("", "terminals = [\"zeimu-*\", \"madoguchi-01\"]");
  CHECK(first_rule(settings).terminals == std::vector<std::string>{"zeimu-*", "madoguchi-01"});
  CHECK(first_rule(good("", "")).terminals.empty());
  CHECK(settings.policy.terminal.seat_life == 12h);
  for (const std::string wrong : {"*", "zei*mu", "zeimu-**", "zeimu 01", "../x"}) {
    CHECK_THAT(findings("", "terminals = [\"" + wrong + "\"]"),
               has("terminals: \"" + wrong + "\" is neither a terminal's name"));
  }
  CHECK_THAT(findings("", "terminals = []"), has("terminals: is empty"));
}

TEST_CASE("terminals cannot say who is refused", "[settings]") {
  CHECK_THAT(findings("", "terminals = [\"lobby-*\"]\naccess = \"deny\""),
             has("terminals: cannot say who is refused"));
}

TEST_CASE("a rule for terminals that a later rule undoes is refused", "[settings]") {
  const auto rules = [](std::string_view between) {
    return joined({kSegment, kTown, kApplication,
                   "[[application.rule]]\npath = \"/x\"\nterminals = [\"zeimu-*\"]\n", between,
                   "[[application.rule]]\npath = \"/\"\n"});
  };
  CHECK_THAT(settings::findings(rules("")), has("lets others into \"/x\""));
  CHECK(settings::findings(rules("[[application.rule]]\npath = \"/x\"\naccess = \"deny\"\n")) ==
        "");
}

TEST_CASE("a later rule for the same terminals, or fewer, undoes nothing", "[settings]") {
  const auto rules = [](std::string_view later) {
    return joined({kSegment, kTown, kApplication,
                   "[[application.rule]]\npath = \"/x\"\nterminals = [\"zeimu-*\", \"juki-01\"]\n",
                   kRule, "terminals = ", later, "\n"});
  };
  for (const char* same : {"[\"zeimu-*\"]", "[\"zeimu-1*\", \"juki-01\"]", "[\"zeimu-03\"]"}) {
    CHECK(settings::findings(rules(same)) == "");
  }
  for (const char* wider : {"[\"zei*\"]", "[\"zeimu-*\", \"juki-0*\"]", "[\"lobby-*\"]"}) {
    CHECK_THAT(settings::findings(rules(wider)), has("lets others into \"/x\""));
  }
}

TEST_CASE("a rule behind one for terminals may still decide", "[settings]") {
  CHECK(settings::findings(
            joined({kSegment, kTown, kApplication, kRule, "terminals = [\"zeimu-*\"]\n", kRule,
                    "require = \"fido2\"\n"})) == "");
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

// ---- where applications are

TEST_CASE("an application may have several servers, and a way to ask them", "[settings]") {
  const Settings settings =
      parse_whole(R"(upstreams = ["http://127.0.0.5:8080", "https://b.internal"]
answer_timeout = "1h"
[application.health]
path = "/health"
every = "5s"
fall = 2
)");
  const ApplicationEntry& entry = settings.applications[0];
  REQUIRE(entry.upstreams.size() == 2);
  CHECK(entry.upstreams[0].host == "127.0.0.5");
  CHECK(entry.upstreams[0].port == 8080);
  CHECK(entry.upstreams[1].is_tls);
  CHECK(entry.answer_timeout == 1h);
  CHECK(entry.health.path == "/health");
  CHECK(entry.health.every == 5s);
  CHECK(entry.health.timeout == 2s);
  CHECK(entry.health.fall == 2);
  CHECK(entry.health.rise == 2);
}

TEST_CASE("servers that are none, or not there, are refused", "[settings]") {
  const auto refused = [](std::string_view lines) {
    const auto parsed = parse(whole(lines), "sekishod.toml");
    REQUIRE_FALSE(parsed);
    return text_of(parsed.error(), "sekishod.toml");
  };
  CHECK_THAT(refused("upstreams = []\n"), has("upstreams: is empty"));
  CHECK_THAT(refused("upstreams = [\"http://127.0.0.1\", \"ftp://x\"]\n"),
             has("upstreams: must be like"));
  CHECK_THAT(refused("upstream = \"http://127.0.0.1\"\nupstreams = [\"http://127.0.0.2\"]\n"),
             has("upstreams: and upstream are one too many"));
  CHECK_THAT(refused("upstreams = [\"http://10.9.9.9\"]\n"), has("10.9.9.9 is outside [segment]"));
  CHECK_THAT(refused("[application.health]\npath = \"/\"\n"), has("health: needs an upstream"));
  CHECK_THAT(refused("upstream = \"http://127.0.0.1\"\n[application.health]\npath = \"x y\"\n"),
             has("path: must begin with"));
}

}  // namespace
}  // namespace sekisho::settings
