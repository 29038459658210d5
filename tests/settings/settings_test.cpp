#include "settings/settings.h"

#include "base/file.h"
#include "base/text.h"
#include "settings/table_reader.h"
#include "tests/support/outcome.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::settings {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::must;

// Every section a small deployment needs, one setting a line.
constexpr std::string_view kGood = R"(# a comment
[segment]
networks = ["10.20.0.0/16", "127.0.0.0/8"]

[store]
path = "/var/lib/sekisho/store.db"
seal_keys = "keys/seal.keys"
audit_key = "keys/audit.pem"

[ca]
certificate = "keys/ca.pem"
key = "keys/ca.key"

[portal]
url = "https://portal.town.example:8443"
organization = "関所町"
cookie_domain = "town.example"

[[listener]]
address = "10.20.0.2:8443"
kind = "web"
certificate = "tls/portal.pem"
key = "tls/portal.key"

[[application]]
name = "tax"
host = "tax.town.example"
upstream = "http://10.20.0.5:9000"
[[application.rule]]
path = "/"
groups = ["tax"]
)";

std::string with(std::string_view addition) {
  return std::string(kGood) + std::string(addition);
}

// kGood with one line replaced, which must be there once.
std::string replaced(std::string_view line, std::string_view by) {
  std::string text(kGood);
  const auto at = text.find(line);
  REQUIRE(at != std::string::npos);
  REQUIRE(text.find(line, at + 1) == std::string::npos);
  return text.replace(at, line.size(), by);
}

std::string findings_of(std::string_view text) {
  const auto parsed = parse(text, "sekishod.toml");
  return parsed ? "" : text_of(parsed.error(), "sekishod.toml");
}

std::size_t count_of(std::string_view text) {
  const auto parsed = parse(text, "sekishod.toml");
  return parsed ? 0 : parsed.error().size();
}

Settings good(std::string_view text) {
  auto parsed = parse(text, "/etc/sekisho/sekishod.toml");
  if (!parsed) FAIL(text_of(parsed.error(), "sekishod.toml"));
  return *std::move(parsed);
}

// The only finding, with its line.
std::string finding(std::string_view text) {
  const std::string findings = findings_of(text);
  INFO(findings);
  CHECK(count_of(text) == 1);
  return findings;
}

// ---- the file as a whole

TEST_CASE("a file that is not there is refused", "[settings]") {
  const auto loaded = load("/nonexistent/sekishod.toml");
  REQUIRE_FALSE(loaded);
  CHECK_THAT(text_of(loaded.error(), "x"), has("cannot open /nonexistent/sekishod.toml"));
}

TEST_CASE("a file that is not UTF-8 is refused as that", "[settings]") {
  CHECK(finding(with("# \x8a\xd6\x8f\x8a\n")) == "sekishod.toml: the file is not UTF-8\n");
}

TEST_CASE("a file that is not TOML is refused with its line", "[settings]") {
  CHECK_THAT(finding("[segment\n"), has("sekishod.toml:1: "));
  CHECK_THAT(finding("a = 1\nb = \n"), has("sekishod.toml:2: "));
  CHECK_THAT(finding("a = 1\n\na = 2\n"), has("sekishod.toml:3: "));
  CHECK_THAT(finding(with("hello\n")), has("sekishod.toml:"));
}

TEST_CASE("a file beyond a megabyte is refused", "[settings]") {
  const testing::TemporaryFolder folder;
  must(create_file_durably(folder.file("big.toml"), with(std::string(1 << 20, '\n')), 0600));
  const auto loaded = load(folder.file("big.toml"));
  REQUIRE_FALSE(loaded);
  CHECK_THAT(loaded.error().front().message, has("larger"));
}

TEST_CASE("an empty file is told everything that is missing", "[settings]") {
  const std::string findings = findings_of("");
  for (const char* part :
       {"[segment] networks: is missing", "[store] path: is missing",
        "[store] seal_keys: is missing", "[store] audit_key: is missing",
        "[ca] certificate: is missing", "[ca] key: is missing", "[portal] url: is missing",
        "[[listener]] with kind = \"web\" is missing"}) {
    CHECK_THAT(findings, has(part));
  }
}

TEST_CASE("several mistakes are reported at once, in the order of the file", "[settings]") {
  std::string text = replaced("networks = [\"10.20.0.0/16\", \"127.0.0.0/8\"]",
                              "networks = [\"10.20.0.0/16\", \"10.20.0.1/8\"]");
  text = text.replace(text.find("kind = \"web\""), 12, "kind = \"wep\"");
  text = text.replace(text.find("groups = [\"tax\"]"), 16, "groups = [\"ta x\"]");
  const auto parsed = parse(text, "sekishod.toml");
  REQUIRE_FALSE(parsed);
  int line = 0;
  for (const Finding& found : parsed.error()) {
    CHECK(found.line >= line);
    line = found.line;
  }
  const std::string findings = text_of(parsed.error(), "sekishod.toml");
  CHECK_THAT(findings,
             has("sekishod.toml:3: [segment] networks: \"10.20.0.1/8\" is not a network"));
  CHECK_THAT(
      findings,
      has("sekishod.toml:21: [[listener]] kind: must be \"web\", \"terminal\", \"check\" or"));
  CHECK_THAT(findings, has("sekishod.toml:31: [[application.rule]] groups: \"ta x\" is no group"));
}

TEST_CASE("a setting that nobody knows is refused, with what it was to be", "[settings]") {
  CHECK(finding(replaced("organization =", "organisation =")) ==
        "sekishod.toml:16: [portal] has no setting \"organisation\"; did you mean "
        "\"organization\"?\n");
  CHECK_THAT(finding(replaced("organization =", "colour =")),
             has("[portal] has no setting \"colour\"; it knows url, organization, cookie_domain"));
  CHECK_THAT(finding(replaced("groups = [\"tax\"]", "group = [\"tax\"]")),
             has("sekishod.toml:31: [[application.rule]] has no setting \"group\"; did you mean "
                 "\"groups\"?"));
  CHECK_THAT(finding(with("[session]\nidle = \"5m\"\n")),
             has("the file has no setting \"session\"; did you mean \"sessions\"?"));
}

TEST_CASE("an unknown setting cannot paint the screen", "[settings]") {
  CHECK(findings_of(with("[sessions]\n\"\\u001b[2J\" = 1\n")).find('\x1b') == std::string::npos);
}

TEST_CASE("a value of the wrong type is refused with the right one", "[settings]") {
  CHECK_THAT(finding(replaced("organization = \"関所町\"", "organization = 5")),
             has("sekishod.toml:16: [portal] organization: must be a text in quotes"));
  CHECK_THAT(finding(replaced("path = \"/var/lib/sekisho/store.db\"", "path = true")),
             has("sekishod.toml:6: [store] path: must be a text in quotes"));
  CHECK_THAT(finding(replaced("name = \"tax\"", "name = \"tax\"\nwebsocket = \"yes\"")),
             has("websocket: must be true or false"));
  CHECK_THAT(finding(with("[totp]\nwindow = \"1\"\n")),
             has("[totp] window: must be a whole number from 0 to 2"));
  CHECK_THAT(finding(with("[totp]\nwindow = 1.0\n")),
             has("[totp] window: must be a whole number from 0 to 2"));
  CHECK_THAT(finding(with("[sessions]\nidle = 15\n")),
             has("[sessions] idle: must be a time from \"1m\" to \"1d\", written like \"15m\""));
  CHECK_THAT(finding(with("[proxies]\ntrusted = \"127.0.0.1\"\n")),
             has("[proxies] trusted: must be a list like"));
  CHECK_THAT(findings_of(replaced("[[listener]]", "[listener]")),
             has("must be written with two brackets: [[listener]]"));
  CHECK_THAT(findings_of("store = 5\n"), has("store: must be a table: [store]"));
}

TEST_CASE("an empty text where one is needed, or a control character, is refused", "[settings]") {
  CHECK_THAT(finding(replaced("seal_keys = \"keys/seal.keys\"", "seal_keys = \"\"")),
             has("sekishod.toml:7: [store] seal_keys: must not be empty"));
  CHECK_THAT(finding(replaced("\"関所町\"", "\"a\\nb\"")),
             has("[portal] organization: must not hold control characters"));
}

// ---- the segment

TEST_CASE("without a declared segment nothing starts", "[settings]") {
  std::string text(kGood);
  text = text.replace(text.find("[segment]"), text.find("[store]") - text.find("[segment]"), "");
  CHECK_THAT(findings_of(text), has("[segment] networks: is missing; name the segment's networks"));
  CHECK_THAT(
      findings_of(replaced("networks = [\"10.20.0.0/16\", \"127.0.0.0/8\"]", "networks = []")),
      has("sekishod.toml:3: [segment] networks: is missing"));
}

TEST_CASE("a network that is none is refused, each by itself", "[settings]") {
  for (const char* wrong : {"10.20.0.1/16", "10.20.0.0/33", "10.20.0.0/", "town", "10.20/16",
                            "10.20.0.0/16 ", "::1/129", "10.20.0.0-10.20.0.9"}) {
    CHECK_THAT(finding(replaced("\"127.0.0.0/8\"", "\"" + std::string(wrong) + "\"")),
               has("sekishod.toml:3: [segment] networks: \"" + std::string(wrong) +
                   "\" is not a network; write for example \"10.20.0.0/16\""));
  }
}

TEST_CASE("a listener outside the segment is refused", "[settings]") {
  CHECK_THAT(finding(replaced("10.20.0.2:8443", "10.21.0.2:8443")),
             has("sekishod.toml:20: [[listener]] address: 10.21.0.2 is outside [segment] "
                 "networks: the gateway listens only inside"));
  for (const char* everywhere : {"0.0.0.0:8443", "[::]:8443"}) {
    CHECK_THAT(finding(replaced("10.20.0.2:8443", everywhere)), has("is outside [segment]"));
  }
}

TEST_CASE("an upstream outside the segment is refused", "[settings]") {
  CHECK_THAT(finding(replaced("http://10.20.0.5:9000", "http://10.21.0.5:9000")),
             has("sekishod.toml:28: [[application]] upstream: 10.21.0.5 is outside [segment]"));
  CHECK_THAT(finding(replaced("http://10.20.0.5:9000", "http://[::1]:9000")),
             has("upstream: ::1 is outside [segment]"));
}

TEST_CASE("metrics outside loopback are refused, also inside the segment", "[settings]") {
  CHECK_THAT(finding(with("[[listener]]\nkind = \"metrics\"\naddress = \"10.20.0.2:9090\"\n")),
             has("[[listener]] address: metrics are served on loopback only: use 127.0.0.1"));
  CHECK(good(with("[[listener]]\nkind = \"metrics\"\naddress = \"[::1]:9090\"\n"))
            .listeners.back()
            .kind == Listener::Kind::kMetrics);
}

TEST_CASE("an offset from UTC that is none is refused", "[settings]") {
  for (const char* wrong : {"9", "+9:00", "JST", "+15:00", "+09:60", "09:00", "+09-00", "+-9:00"}) {
    CHECK_THAT(
        finding(replaced("[segment]", "[segment]\nutc_offset = \"" + std::string(wrong) + "\"")),
        has("sekishod.toml:3: [segment] utc_offset: must be like \"+09:00\""));
  }
}

// ---- the portal

TEST_CASE("a portal without https, with a path or without a name is refused", "[settings]") {
  for (const char* wrong :
       {"http://portal.town.example:8443", "portal.town.example", "https://portal.town.example/x",
        "https://", "https://portal town", "https://portal.town.example:0",
        "https://portal.town.example:65536", "https://user@portal.town.example",
        "https://portal.town.example?x", "https://関所.example"}) {
    INFO(wrong);
    CHECK_THAT(findings_of(replaced("https://portal.town.example:8443", wrong)),
               has("sekishod.toml:15: [portal] url: must be like"));
  }
  CHECK_THAT(findings_of(replaced("https://portal.town.example:8443", "https://10.20.0.2")),
             has("[portal] url: must have a host name, not an address"));
}

TEST_CASE("a cookie domain that is not above the portal, or too wide, is refused", "[settings]") {
  CHECK_THAT(
      findings_of(replaced("cookie_domain = \"town.example\"", "cookie_domain = \"city.example\"")),
      has("sekishod.toml:17: [portal] cookie_domain: must be a domain above the portal's "
          "host \"portal.town.example\""));
  CHECK_THAT(
      findings_of(replaced("cookie_domain = \"town.example\"", "cookie_domain = \"own.example\"")),
      has("must be a domain above"));
  CHECK_THAT(
      findings_of(replaced("cookie_domain = \"town.example\"", "cookie_domain = \"example\"")),
      has("[portal] cookie_domain: must have at least two parts"));
}

// ---- listeners

TEST_CASE("without a web listener nobody could sign in, and that is said", "[settings]") {
  CHECK_THAT(findings_of(replaced("kind = \"web\"", "kind = \"terminal\"")),
             has("[[listener]] with kind = \"web\" is missing"));
}

TEST_CASE("a listener's address that is none is refused", "[settings]") {
  for (const char* wrong : {"10.20.0.2", "10.20.0.2:", "10.20.0.2:65536", "10.20.0.2:x", ":8443",
                            "portal.town.example:443", "fd00::2:443:", "10.20.0.2:-1"}) {
    CHECK_THAT(finding(replaced("10.20.0.2:8443", wrong)),
               has("sekishod.toml:20: [[listener]] address: must be an address and a port"));
  }
}

TEST_CASE("a web listener needs its certificate and key, others have none", "[settings]") {
  CHECK_THAT(finding(replaced("certificate = \"tls/portal.pem\"\n", "")),
             has("sekishod.toml:19: [[listener]] certificate: is missing; write for example "
                 "certificate = \"tls/portal.pem\""));
  CHECK_THAT(finding(with("[[listener]]\nkind = \"metrics\"\naddress = \"127.0.0.1:9090\"\n"
                          "key = \"x\"\n")),
             has("[[listener]] has no setting \"key\""));
}

TEST_CASE("two listeners at one address are refused", "[settings]") {
  const std::string second = "[[listener]]\nkind = \"terminal\"\naddress = \"10.20.0.2:8443\"\n";
  CHECK_THAT(finding(with(second)),
             has("[[listener]] address: belongs to the listener of line 19 already"));
  const std::string any = "[[listener]]\nkind = \"terminal\"\naddress = \"10.20.0.2:0\"\n";
  CHECK(good(with(any + any)).listeners.size() == 3);  // any free port, twice
}

// ---- numbers and times

TEST_CASE("a number outside its bounds is refused with the bounds", "[settings]") {
  const auto refused = [](const std::string& section, const std::string& line,
                          const std::string& bounds) {
    CHECK_THAT(finding(with("[" + section + "]\n" + line + "\n")),
               has("[" + section + "] " + line.substr(0, line.find(' ')) + ": must be " + bounds));
  };
  refused("throttle", "lock_after = 2", "a whole number from 3 to 100");
  refused("throttle", "lock_after = 101", "a whole number from 3 to 100");
  refused("throttle", "disable_after = 101", "a whole number from 3 to 100");
  refused("throttle", "disable_after = -1", "a whole number from 3 to 100");
  refused("totp", "window = 3", "a whole number from 0 to 2");
  refused("limits", "header_bytes = 1023", "a whole number from 1024 to 262144");
}

TEST_CASE("times outside their bounds are refused with the bounds", "[settings]") {
  const auto refused = [](const std::string& line, const std::string& bounds) {
    CHECK_THAT(finding(with("[sessions]\n" + line + "\n")), has(": must be a time from " + bounds));
  };
  refused("idle = \"59s\"", "\"1m\" to \"1d\"");
  refused("absolute = \"25h\"", "\"5m\" to \"1d\"");
  refused("pending = \"31m\"", "\"1m\" to \"30m\"");
  refused("idle = \"-5m\"", "\"1m\" to \"1d\"");
  refused("idle = \"5 m\"", "\"1m\" to \"1d\"");
  refused("idle = \"5\"", "\"1m\" to \"1d\"");
}

TEST_CASE("a network wider than any organisation's own is no segment", "[settings]") {
  for (const std::string wide : {"0.0.0.0/0", "::/0", "10.0.0.0/7", "fc00::/6"}) {
    CHECK_THAT(finding(replaced("\"127.0.0.0/8\"]", "\"127.0.0.0/8\", \"" + wide + "\"]")),
               has(wide + " is wider than a segment can be"));
  }
}

TEST_CASE("limits that contradict each other are refused", "[settings]") {
  CHECK_THAT(finding(with("[sessions]\nidle = \"2h\"\nabsolute = \"1h\"\n")),
             has("[sessions] idle: is longer than absolute"));
  CHECK_THAT(finding(with("[throttle]\nlock_for = \"2h\"\nlock_most = \"1h\"\n")),
             has("[throttle] lock_most: is shorter than lock_for"));
}

TEST_CASE("the bounds themselves are accepted", "[settings]") {
  const Settings settings =
      good(with("[sessions]\nidle = \"24h\"\nabsolute = \"24h\"\n[throttle]\nlock_after = 3\n"
                "disable_after = 100\nbackoff_first = \"0s\"\n[totp]\nwindow = 0\n"));
  CHECK(settings.policy.session.idle == 24h);
  CHECK(settings.policy.throttle.lock_after == 3);
  CHECK(settings.policy.throttle.backoff_first == 0ms);
  CHECK(settings.policy.totp.window == 0);
}

TEST_CASE("a time is a whole number and one unit", "[settings]") {
  for (const char* wrong : {"", "5", "m", "5min", "5 m", " 5m", "5m ", "-5m", "+5m", "1.5h",
                            "1h30m", "5M", "９m", "99999999999999999999s", "1000000001s"}) {
    INFO(wrong);
    CHECK_FALSE(parse_duration(wrong));
  }
  CHECK(parse_duration("1500ms") == 1500ms);
  CHECK(parse_duration("2s") == 2s);
  CHECK(parse_duration("15m") == 15min);
  CHECK(parse_duration("12h") == 12h);
  CHECK(parse_duration("90d") == 90 * 24h);
  CHECK(parse_duration("0s") == 0ms);
  for (const auto time : {0ms, 1500ms, 2000ms, 900'000ms, 43'200'000ms, 86'400'000ms}) {
    CHECK(parse_duration(duration_text(time)) == time);
  }
}

// ---- applications

TEST_CASE("two applications with one host or one name are refused", "[settings]") {
  const std::string second =
      "[[application]]\nname = \"NAME\"\nhost = \"HOST\"\n[[application.rule]]\npath = \"/\"\n";
  const auto with_second = [&](std::string_view name, std::string_view host) {
    std::string text = second;
    text.replace(text.find("NAME"), 4, name);
    text.replace(text.find("HOST"), 4, host);
    return with(text);
  };
  CHECK_THAT(finding(with_second("roads", "tax.town.example")),
             has("sekishod.toml:34: [[application]] host: belongs to the application \"tax\""));
  CHECK_THAT(finding(with_second("roads", "TAX.Town.Example.")), has("belongs to the application"));
  CHECK_THAT(finding(with_second("tax", "roads.town.example")),
             has("sekishod.toml:33: [[application]] name: is there twice"));
  CHECK(count_of(with_second("roads", "roads.town.example")) == 0);
}

TEST_CASE("an application's host that no session reaches is refused", "[settings]") {
  CHECK_THAT(finding(replaced("host = \"tax.town.example\"", "host = \"tax.city.example\"")),
             has("host: must lie below [portal] cookie_domain \"town.example\""));
  CHECK_THAT(finding(replaced("host = \"tax.town.example\"", "host = \"xtown.example\"")),
             has("host: must lie below"));
  CHECK_THAT(finding(replaced("host = \"tax.town.example\"", "host = \"portal.town.example\"")),
             has("host: is the portal's own host"));
  CHECK_THAT(finding(replaced("cookie_domain = \"town.example\"\n", "")),
             has("host: needs [portal] cookie_domain"));
}

TEST_CASE("an application's host that is none is refused", "[settings]") {
  for (const char* wrong : {"https://tax.town.example", "tax.town.example:80", "tax.town.example/x",
                            "tax town.example", "税.town.example"}) {
    CHECK_THAT(
        finding(replaced("host = \"tax.town.example\"", "host = \"" + std::string(wrong) + "\"")),
        has("host: must be a host name without scheme, port and path"));
  }
}

TEST_CASE("an application's upstream that is none is refused", "[settings]") {
  for (const char* wrong :
       {"10.20.0.5:9000", "http://10.20.0.5:9000/", "ftp://10.20.0.5", "http://10.20.0.5:0",
        "http://", "unix:/run/x", "", "http://10.20.0.5:9000/tax"}) {
    CHECK_THAT(finding(replaced("\"http://10.20.0.5:9000\"", "\"" + std::string(wrong) + "\"")),
               has("sekishod.toml:28: [[application]] upstream: must be like"));
  }
  CHECK_THAT(finding(replaced("name = \"tax\"", "name = \"tax\"\nupstream_ca = \"ca.pem\"")),
             has("upstream_ca: has no meaning for an http upstream"));
}

TEST_CASE("an application without a rule lets nobody in, and that is said", "[settings]") {
  std::string text(kGood);
  text = text.substr(0, text.find("[[application.rule]]"));
  CHECK_THAT(finding(text), has("[[application]] rule: is missing: without a rule nobody gets in"));
}

TEST_CASE("a rule for some that a later rule undoes is refused, with what to write", "[settings]") {
  const auto rules = [](const std::string& between, const std::string& last) {
    return replaced("path = \"/\"\ngroups = [\"tax\"]",
                    "path = \"/admin\"\ngroups = [\"chief\"]\n" + between +
                        "[[application.rule]]\npath = \"/\"\n" + last);
  };
  CHECK_THAT(finding(rules("", "")),
             has("the rule of line 32 lets others into \"/admin\", which the rule of line 29 "
                 "keeps for its groups or terminals; put a rule with path = \"/admin\" and access "
                 "= \"deny\""));
  const std::string deny = "[[application.rule]]\npath = \"/admin\"\naccess = \"deny\"\n";
  CHECK(findings_of(rules(deny, "")).empty());
  CHECK_THAT(finding(rules("", "groups = [\"tax\"]\n")), has("lets others into \"/admin\""));
  CHECK(findings_of(rules("", "groups = [\"chief\"]\n")).empty());
  const std::string other = "[[application.rule]]\npath = \"/admin\"\ngroups = [\"deputy\"]\n";
  CHECK(findings_of(rules(other + deny, "")).empty());
}

TEST_CASE("a rule that means something else than it says is refused", "[settings]") {
  const auto refused = [](const std::string& line, const std::string& reason) {
    CHECK_THAT(finding(replaced("path = \"/\"\ngroups = [\"tax\"]", line)), has(reason));
  };
  for (const char* path :
       {"tax", "", "/a/../b", "//a", "/a?b", "/a%20b", "/a#b", "/a;b", "/a\\\\b"}) {
    refused("path = \"" + std::string(path) + "\"",
            "sekishod.toml:30: [[application.rule]] path: must begin with \"/\"");
  }
  refused("groups = \"tax\"", "groups: must be a list");
  refused("groups = []", "groups: is empty; leave it out to mean everybody");
  refused("networks = []", "networks: is empty; leave it out to mean the whole segment");
  refused("networks = [\"x\"]", "\"x\" is not a network");
  refused("access = \"allowed\"", "access: must be \"allow\" or \"deny\"");
  refused("require = \"totp\"",
          "require: must be \"any-second-factor\", \"fido2\", \"fido2+uv\" or \"password\"");
  for (const char* hours : {"8-18", "08:00", "18:00-08:00", "08:00-08:00", "08:00-24:01",
                            "08:60-18:00", "08:00-18:00-20:00", "25:00-26:00", "-"}) {
    refused("hours = \"" + std::string(hours) + "\"",
            "hours: must be like \"08:00-18:00\", the end after the beginning");
  }
  for (const char* days : {"monday", "fri-mon", "mon-", "Mon", "mon,,tue", "1-5"}) {
    refused("days = \"" + std::string(days) + "\"", "days: must be like \"mon-fri\"");
  }
}

// ---- what is read

TEST_CASE("a small file has the documented defaults", "[settings]") {
  const Settings settings = good(kGood);
  CHECK(settings.policy.session.idle == 15min);
  CHECK(settings.policy.session.absolute == 12h);
  CHECK(settings.policy.throttle.backoff_from == 3);
  CHECK(settings.policy.throttle.lock_after == 5);
  CHECK(settings.policy.throttle.lock_for == 15min);
  CHECK(settings.policy.throttle.disable_after == 100);
  CHECK(settings.policy.totp.window == 1);
  CHECK(settings.policy.terminal.certificate_days == 90);
  CHECK(settings.calendar.utc_offset == 540min);
  CHECK(settings.trusted_proxies.empty());
}

TEST_CASE("relative paths start at the file's folder", "[settings]") {
  const Settings settings = good(kGood);
  CHECK(settings.folder == "/etc/sekisho");
  CHECK(settings.store_path == "/var/lib/sekisho/store.db");
  CHECK(settings.seal_keys_path == "/etc/sekisho/keys/seal.keys");
  CHECK(settings.audit_key_path == "/etc/sekisho/keys/audit.pem");
  CHECK(settings.ca_certificate_path == "/etc/sekisho/keys/ca.pem");
  CHECK(settings.listeners[0].certificate_path == "/etc/sekisho/tls/portal.pem");
  CHECK(parse(kGood, "sekishod.toml")->seal_keys_path == "./keys/seal.keys");
}

TEST_CASE("a complete file is read whole", "[settings]") {
  const Settings settings = good(R"(
[segment]
networks = ["10.20.0.0/16", "fd00::/8"]
utc_offset = "-03:30"
[store]
path = "s.db"
seal_keys = "k"
audit_key = "a"
[ca]
certificate = "c"
key = "k"
terminal_days = 30
[portal]
url = "https://Portal.Town.Example/"
organization = "関所町役場"
cookie_domain = "Town.Example"
[[listener]]
address = "[fd00::2]:443"
kind = "web"
certificate = "c"
key = "k"
[[listener]]
address = "10.20.0.2:8444"
kind = "terminal"
names = ["gateway.town.example", "10.20.0.2"]
[[listener]]
address = "10.20.0.3:8444"
kind = "terminal"
[proxies]
trusted = ["10.20.0.7", "10.20.1.0/24"]
[sessions]
idle = "10m"
absolute = "8h"
pending = "5m"
[throttle]
backoff_from = 2
backoff_first = "1s"
lock_after = 4
lock_for = "90m"
disable_after = 50
[totp]
window = 2
drift_most = 5
resync_window = 50
[terminals]
transaction_life = "30s"
join_token_life = "24h"
[limits]
threads = 2
header_bytes = 8192
stop_timeout = "5s"
[[application]]
name = "tax"
host = "Tax.Town.Example"
title = "税務"
upstream = "https://Tax.Internal"
upstream_ca = "/etc/ca.pem"
websocket = true
[[application.rule]]
path = "/admin"
access = "deny"
[[application.rule]]
path = "/"
groups = ["tax", "audit"]
networks = ["10.20.0.0/24"]
hours = "08:00-24:00"
days = "mon-wed,fri"
require = "password"
[[application]]
name = "roads"
host = "roads.town.example"
[[application.rule]]
)");
  CHECK(settings.segment.size() == 2);
  CHECK(settings.calendar.utc_offset == -210min);
  CHECK(settings.portal_url == "https://Portal.Town.Example");
  CHECK(settings.portal_host == "portal.town.example");
  CHECK(settings.cookie_domain == "town.example");
  CHECK(settings.organization == "関所町役場");
  REQUIRE(settings.listeners.size() == 3);
  CHECK(settings.listeners[0].address.text() == "fd00::2");
  CHECK(settings.listeners[0].port == 443);
  CHECK(settings.listeners[1].names ==
        std::vector<std::string>{"gateway.town.example", "10.20.0.2"});
  CHECK(settings.listeners[2].names == std::vector<std::string>{"10.20.0.3"});
  CHECK(settings.trusted_proxies.size() == 2);
  CHECK(settings.policy.session.idle == 10min);
  CHECK(settings.policy.session.absolute == 8h);
  CHECK(settings.policy.session.pending == 5min);
  CHECK(settings.policy.throttle.backoff_from == 2);
  CHECK(settings.policy.throttle.backoff_first == 1s);
  CHECK(settings.policy.throttle.lock_after == 4);
  CHECK(settings.policy.throttle.lock_for == 90min);
  CHECK(settings.policy.throttle.lock_most == 90min);  // never shorter than lock_for
  CHECK(settings.policy.throttle.disable_after == 50);
  CHECK(settings.policy.totp.window == 2);
  CHECK(settings.policy.totp.drift_most == 5);
  CHECK(settings.policy.totp.resync_window == 50);
  CHECK(settings.policy.terminal.transaction_life == 30s);
  CHECK(settings.policy.terminal.join_token_life == 24h);
  CHECK(settings.policy.terminal.certificate_days == 30);
  CHECK(settings.limits.threads == 2);
  CHECK(settings.limits.header_bytes == 8192);
  CHECK(settings.limits.stop_timeout == 5s);

  REQUIRE(settings.applications.size() == 2);
  const ApplicationEntry& tax = settings.applications[0];
  CHECK(tax.application.host == "tax.town.example");
  CHECK(tax.title == "税務");
  CHECK(tax.allows_websocket);
  REQUIRE(tax.upstreams.size() == 1);
  CHECK(tax.upstreams[0].is_tls);
  CHECK(tax.upstreams[0].host == "tax.internal");
  CHECK(tax.upstreams[0].port == 443);
  CHECK(tax.upstreams[0].ca_path == "/etc/ca.pem");
  REQUIRE(tax.application.rules.size() == 2);
  CHECK(tax.application.rules[0].is_refusal);
  const authn::AccessRule& rule = tax.application.rules[1];
  CHECK(rule.line == 62);
  CHECK(rule.groups == std::vector<std::string>{"tax", "audit"});
  CHECK(rule.networks.size() == 1);
  REQUIRE(rule.hours);
  CHECK(rule.hours->from_minute == 480);
  CHECK(rule.hours->to_minute == 1440);
  CHECK(rule.hours->days == 0b0010111U);
  CHECK(rule.require == authn::Assurance::kPassword);
  const ApplicationEntry& roads = settings.applications[1];
  CHECK(roads.title == "roads");
  CHECK(roads.upstreams.empty());
  CHECK_FALSE(roads.allows_websocket);
  CHECK(roads.application.rules[0].path == "/");
  CHECK(roads.application.rules[0].require == authn::Assurance::kSecondFactor);
  CHECK(settings.access_rules().application_at("tax.town.example") != nullptr);
  CHECK(settings.access_rules().calendar().utc_offset == -210min);
}

TEST_CASE("a file is loaded from its path", "[settings]") {
  const testing::TemporaryFolder folder;
  must(create_file_durably(folder.file("sekishod.toml"), kGood, 0600));
  const auto loaded = load(folder.file("sekishod.toml"));
  REQUIRE(loaded);
  CHECK(loaded->folder == folder.path());
}

TEST_CASE("an address is inside the segment or not", "[settings]") {
  const Settings settings = good(kGood);
  CHECK(settings.is_inside(IpAddress::parse("10.20.255.255").value()));
  CHECK_FALSE(settings.is_inside(IpAddress::parse("10.21.0.0").value()));
  CHECK(settings.is_inside(IpAddress::parse("::ffff:10.20.0.1").value()));
  CHECK_FALSE(settings.is_inside(IpAddress::parse("::1").value()));
}

}  // namespace
}  // namespace sekisho::settings
