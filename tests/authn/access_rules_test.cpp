#include "authn/access_rules.h"

#include "tests/support/catch.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

const Calendar kJapan;
// Midnight in Japan of Monday 23 November 2026, a public holiday that this calendar knows not of.
const Instant kMonday = Instant(sys_days(std::chrono::year(2026) / 11 / 22) + 15h);

const std::vector<std::string> kTax = {"tax"};
const std::vector<std::string> kNoGroups;

IpNetwork network(std::string_view text) {
  return IpNetwork::parse(text).value();
}

AccessRequest request(std::string_view target, const std::vector<std::string>* groups = &kTax) {
  return {target, IpAddress::parse("10.20.1.2").value(), kMonday + 10h, groups,
          Assurance::kSecondFactor};
}

AccessDecision decide(const std::vector<AccessRule>& list, const AccessRequest& asked) {
  static AccessRules rules;  // keeps the rule a decision points to
  rules = AccessRules({{"app", "app.town.example", list}}, kJapan);
  return rules.decide(rules.applications().front(), asked);
}

std::string outcome(const std::vector<AccessRule>& list, const AccessRequest& asked) {
  return std::string(name_of(decide(list, asked).outcome));
}

AccessRule rule_for(std::string path, std::vector<std::string> groups = {}) {
  AccessRule rule;
  rule.path = std::move(path);
  rule.groups = std::move(groups);
  return rule;
}

AccessRule refusal_of(std::string path) {
  AccessRule rule = rule_for(std::move(path));
  rule.is_refusal = true;
  return rule;
}

TEST_CASE("what no rule matches is refused", "[authn]") {
  CHECK(outcome({}, request("/")) == "forbidden");
  CHECK(outcome({rule_for("/tax")}, request("/welfare")) == "forbidden");
  CHECK(decide({rule_for("/tax")}, request("/welfare")).rule == nullptr);
}

TEST_CASE("a path that cannot be judged is refused before any rule and any session", "[authn]") {
  CHECK(outcome({rule_for("/")}, request("/a/../b")) == "bad_path");
  CHECK(outcome({rule_for("/")}, request("/a/../b", nullptr)) == "bad_path");
}

TEST_CASE("a stranger is asked to sign in, whatever the rules are", "[authn]") {
  CHECK(outcome({rule_for("/")}, request("/", nullptr)) == "sign_in");
  CHECK(outcome({refusal_of("/")}, request("/", nullptr)) == "sign_in");
  CHECK(outcome({}, request("/", nullptr)) == "sign_in");
  CHECK(decide({refusal_of("/")}, request("/", nullptr)).rule == nullptr);
}

TEST_CASE("somebody of another group, or of none, is refused", "[authn]") {
  const std::vector<std::string> welfare = {"welfare", "taxes", "ta"};
  CHECK(outcome({rule_for("/", {"tax"})}, request("/", &welfare)) == "forbidden");
  CHECK(outcome({rule_for("/", {"tax"})}, request("/", &kNoGroups)) == "forbidden");
}

TEST_CASE("any one of a rule's groups is enough, and no group means everybody", "[authn]") {
  CHECK(outcome({rule_for("/", {"welfare", "tax"})}, request("/")) == "allowed");
  CHECK(outcome({rule_for("/")}, request("/", &kNoGroups)) == "allowed");
}

TEST_CASE("the first rule that matches decides", "[authn]") {
  const std::vector<AccessRule> refused_first = {refusal_of("/admin"), rule_for("/")};
  CHECK(outcome(refused_first, request("/admin/users")) == "forbidden");
  CHECK(outcome(refused_first, request("/list")) == "allowed");
  const std::vector<AccessRule> allowed_first = {rule_for("/"), refusal_of("/admin")};
  CHECK(outcome(allowed_first, request("/admin/users")) == "allowed");
}

TEST_CASE("a refusal is told with its rule", "[authn]") {
  std::vector<AccessRule> rules = {rule_for("/other"), refusal_of("/admin"), rule_for("/")};
  rules[1].line = 42;
  const AccessDecision decision = decide(rules, request("/admin"));
  REQUIRE(decision.rule != nullptr);
  CHECK(decision.rule->line == 42);
}

TEST_CASE("a refused path cannot be reached by another spelling", "[authn]") {
  const std::vector<AccessRule> rules = {refusal_of("/admin"), rule_for("/")};
  for (const std::string_view target :
       {"/admin", "/admin/", "/admin?x", "/%61dmin", "/admin;x", "/admin;x/users", "/admin%3b/"}) {
    INFO(target);
    CHECK(outcome(rules, request(target)) == "forbidden");
  }
  for (const std::string_view target : {"//admin", "/./admin", "/x/../admin", "/x#/../admin"}) {
    INFO(target);
    CHECK(outcome(rules, request(target)) == "bad_path");
  }
}

TEST_CASE("a rule's path is a prefix of whole segments", "[authn]") {
  CHECK(outcome({rule_for("/tax")}, request("/taxes")) == "forbidden");
  CHECK(outcome({rule_for("/tax")}, request("/tax/2026")) == "allowed");
}

TEST_CASE("a client outside a rule's networks does not match it", "[authn]") {
  AccessRule rule = rule_for("/");
  rule.networks = {network("10.20.1.0/24"), network("fd00::/8")};
  AccessRequest asked = request("/");
  CHECK(outcome({rule}, asked) == "allowed");
  asked.client = IpAddress::parse("10.20.2.2").value();
  CHECK(outcome({rule}, asked) == "forbidden");
  asked.client = IpAddress::parse("fd12::1").value();
  CHECK(outcome({rule}, asked) == "allowed");
  asked.client = IpAddress::parse("::ffff:10.20.1.2").value();  // the IPv4 address in disguise
  CHECK(outcome({rule}, asked) == "allowed");
}

TEST_CASE("hours begin with their first minute and end before their last", "[authn]") {
  AccessRule rule = rule_for("/");
  rule.hours = Hours{8 * 60, 18 * 60, 0x7f};
  const auto at = [&](std::chrono::milliseconds time) {
    AccessRequest asked = request("/");
    asked.now = kMonday + time;
    return outcome({rule}, asked);
  };
  CHECK(at(8h - 1ms) == "forbidden");
  CHECK(at(8h) == "allowed");
  CHECK(at(18h - 1ms) == "allowed");
  CHECK(at(18h) == "forbidden");
  CHECK(at(23h) == "forbidden");
}

TEST_CASE("days are those of the segment's local time, not of UTC", "[authn]") {
  AccessRule rule = rule_for("/");
  rule.hours = Hours{0, 24 * 60, 0x1f};  // Monday to Friday
  const auto at = [&](Instant now) {
    AccessRequest asked = request("/");
    asked.now = now;
    return outcome({rule}, asked);
  };
  CHECK(at(kMonday - 1ms) == "forbidden");  // Sunday 23:59:59.999 in Japan
  CHECK(at(kMonday) == "allowed");          // still Sunday in UTC
  CHECK(at(kMonday + 120h - 1ms) == "allowed");
  CHECK(at(kMonday + 120h) == "forbidden");  // Saturday
}

TEST_CASE("a holiday is a day of its own and no day of the week", "[authn]") {
  const Calendar calendar{540min, {sys_days(std::chrono::year(2026) / 11 / 23)}};
  const Hours office{0, 24 * 60, 0x1f};
  const Hours closed{0, 24 * 60, 1U << Hours::kHoliday};
  CHECK(office.contains(kMonday, kJapan));
  CHECK_FALSE(office.contains(kMonday, calendar));
  CHECK(closed.contains(kMonday, calendar));
  CHECK_FALSE(closed.contains(kMonday - 1ms, calendar));  // Sunday
  CHECK(office.contains(kMonday + 24h, calendar));        // Tuesday
  CHECK(Hours{}.contains(kMonday, calendar));
}

TEST_CASE("hours hold west of Greenwich and before 1970 too", "[authn]") {
  const Hours morning{0, 60, 0x7f};
  const Calendar west{-480min};
  CHECK(morning.contains(Instant(8h), west));
  CHECK_FALSE(morning.contains(Instant(7h + 59min), west));
  CHECK(morning.contains(Instant(-24h), Calendar{0min}));
}

TEST_CASE("one who has proven only the password is asked for the second factor", "[authn]") {
  AccessRequest asked = request("/");
  asked.assurance = Assurance::kPassword;
  CHECK(outcome({rule_for("/")}, asked) == "second_factor");
}

TEST_CASE("before the second factor nobody learns that no rule would let them in", "[authn]") {
  AccessRequest asked = request("/");
  asked.assurance = Assurance::kPassword;
  CHECK(outcome({rule_for("/", {"welfare"})}, asked) == "second_factor");
  CHECK(outcome({refusal_of("/")}, asked) == "forbidden");  // a rule's own word is final
}

TEST_CASE("a rule that asks for the password only is content with it", "[authn]") {
  AccessRule rule = rule_for("/");
  rule.require = Assurance::kPassword;
  AccessRequest asked = request("/");
  asked.assurance = Assurance::kPassword;
  CHECK(outcome({rule}, asked) == "allowed");
}

TEST_CASE("proof is asked for again when it is older than the rule's freshness", "[authn]") {
  AccessRule rule = rule_for("/");
  rule.fresh = 5min;
  AccessRequest asked = request("/");
  CHECK(outcome({rule}, asked) == "stale");  // never, as far as anybody knows
  asked.proven.note(Assurance::kSecondFactor, asked.now - 5min + 1ms);
  CHECK(outcome({rule}, asked) == "allowed");
  asked.proven.note(Assurance::kSecondFactor, asked.now - 5min);
  CHECK(outcome({rule}, asked) == "stale");
  asked.assurance = Assurance::kPassword;
  CHECK(outcome({rule}, asked) == "second_factor");
}

TEST_CASE("a code shown now makes no key fresh, a key makes the levels below fresh", "[authn]") {
  AccessRule rule = rule_for("/");
  rule.fresh = 5min;
  rule.require = Assurance::kSecurityKey;
  AccessRequest asked = request("/");
  asked.assurance = Assurance::kVerifiedKey;
  asked.proven.note(Assurance::kVerifiedKey, asked.now - 1h);
  asked.proven.note(Assurance::kSecondFactor, asked.now);
  CHECK(outcome({rule}, asked) == "stale");
  asked.proven.note(Assurance::kSecurityKey, asked.now);
  CHECK(outcome({rule}, asked) == "allowed");
  rule.require = Assurance::kSecondFactor;
  CHECK(outcome({rule}, asked) == "allowed");
  rule.require = Assurance::kVerifiedKey;
  CHECK(outcome({rule}, asked) == "stale");
}

TEST_CASE("why a rule does not match is told in the order of its conditions", "[authn]") {
  AccessRule rule = rule_for("/tax", {"welfare"});
  rule.networks = {network("10.99.0.0/16")};
  rule.hours = Hours{0, 1, 0x7f};
  rule.terminals = {"zeimu-01"};
  const AccessRequest asked = request("/tax");
  const AccessRules rules({}, kJapan);
  CHECK(rules.mismatch_of(rule, "/other", asked) == Mismatch::kPath);
  CHECK(rules.mismatch_of(rule, "/tax", asked) == Mismatch::kGroup);
  rule.groups = {"tax"};
  CHECK(rules.mismatch_of(rule, "/tax", asked) == Mismatch::kNetwork);
  rule.networks.clear();
  CHECK(rules.mismatch_of(rule, "/tax", asked) == Mismatch::kHours);
  rule.hours.reset();
  CHECK(rules.mismatch_of(rule, "/tax", asked) == Mismatch::kTerminal);
  rule.terminals.clear();
  CHECK(rules.mismatch_of(rule, "/tax", asked) == Mismatch::kNone);
}

std::vector<Seat> seat_at(std::string_view terminal, const IpAddress& address, Instant taken_at) {
  return {{{1}, std::string(terminal), address, taken_at}};
}

TEST_CASE("a rule for terminals admits who signed in at one, from its address, for a while",
          "[authn]") {
  AccessRule rule = rule_for("/", {"tax"});
  rule.terminals = {"zeimu-*", "madoguchi-01"};
  AccessRequest asked = request("/");
  CHECK(outcome({rule}, asked) == "forbidden");
  const auto outcome_at = [&](std::string_view terminal, const char* address,
                              std::chrono::milliseconds age) {
    const auto seats = seat_at(terminal, *IpAddress::parse(address), asked.now - age);
    asked.seats = seats;
    const std::string told = outcome({rule}, asked);
    asked.seats = {};
    return told;
  };
  const std::string here = asked.client.text();
  CHECK(outcome_at("zeimu-07", here.c_str(), 0ms) == "allowed");
  CHECK(outcome_at("zeimu-", here.c_str(), 0ms) == "allowed");
  CHECK(outcome_at("madoguchi-01", here.c_str(), 12h - 1ms) == "allowed");
  CHECK(outcome_at("madoguchi-01", here.c_str(), 12h) == "forbidden");
  CHECK(outcome_at("madoguchi-01", here.c_str(), -5min) == "allowed");
  CHECK(outcome_at("madoguchi-01", here.c_str(), -5min - 1ms) == "forbidden");
  CHECK(outcome_at("madoguchi-012", here.c_str(), 0ms) == "forbidden");
  CHECK(outcome_at("madoguchi-0", here.c_str(), 0ms) == "forbidden");
  CHECK(outcome_at("ZEIMU-07", here.c_str(), 0ms) == "forbidden");
  CHECK(outcome_at("zeimu-07", "10.1.2.250", 0ms) == "forbidden");
}

TEST_CASE("how long a seat counts is a setting", "[authn]") {
  AccessRule rule = rule_for("/", {});
  rule.terminals = {"zeimu-01"};
  AccessRequest asked = request("/");
  const auto seats = seat_at("zeimu-01", asked.client, asked.now - 5min);
  asked.seats = seats;
  const Application application{"app", "app.town.example", {rule}};
  const AccessRules short_lived({}, kJapan, {}, 5min);
  CHECK(short_lived.decide(application, asked).outcome == AccessOutcome::kForbidden);
  const AccessRules longer({}, kJapan, {}, 5min + 1ms);
  CHECK(longer.decide(application, asked).outcome == AccessOutcome::kAllowed);
}

TEST_CASE("who is refused hears which condition kept them out", "[authn]") {
  AccessRule at_night = rule_for("/", {"tax"});
  at_night.hours = Hours{0, 1, Hours::kEveryDay};
  AccessRule at_terminal = rule_for("/", {"tax"});
  at_terminal.terminals = {"zeimu-01"};
  AccessRule for_others = rule_for("/", {"welfare"});
  const Application application{"app", "app.town.example", {at_night, at_terminal, for_others}};
  const AccessRules rules({}, kJapan);
  const AccessDecision decision = rules.decide(application, request("/"));
  CHECK(decision.outcome == AccessOutcome::kForbidden);
  CHECK(decision.rule == nullptr);
  CHECK(decision.nearest == &application.rules[1]);
  CHECK(decision.missing == Mismatch::kTerminal);
  // Also where a rule for everybody refuses the rest.
  const Application closed{"app", "app.town.example", {at_terminal, refusal_of("/"), at_night}};
  const AccessDecision refused = rules.decide(closed, request("/"));
  CHECK(refused.rule == &closed.rules[1]);
  CHECK(refused.nearest == &closed.rules[0]);
  // A password alone hears nothing.
  AccessRequest asked = request("/");
  asked.assurance = Assurance::kPassword;
  CHECK(rules.decide(closed, asked).rule == &closed.rules[1]);
  CHECK(rules.decide(closed, asked).nearest == nullptr);
  // Of a rule that is not for them nobody learns.
  const Application strange{"app", "app.town.example", {for_others}};
  CHECK(rules.decide(strange, request("/")).nearest == nullptr);
}

TEST_CASE("privileged people are held to more than a rule asks of others", "[authn]") {
  AccessRule rule = rule_for("/", {});
  rule.fresh = 5min;
  const Application application{"app", "app.town.example", {rule}};
  const AccessRules rules({}, kJapan, {{"admin", "tax"}, Assurance::kVerifiedKey, {}, {}, {}});
  AccessRequest asked = request("/");
  asked.proven.note(Assurance::kSecondFactor, asked.now);
  AccessDecision decision = rules.decide(application, asked);
  CHECK(decision.outcome == AccessOutcome::kSecondFactor);
  CHECK(decision.require == Assurance::kVerifiedKey);
  asked.assurance = Assurance::kVerifiedKey;
  asked.proven.verified_key = asked.now - 5min;  // a code since then is not enough
  decision = rules.decide(application, asked);
  CHECK(decision.outcome == AccessOutcome::kStale);
  CHECK(decision.require == Assurance::kVerifiedKey);
  asked.proven.verified_key = asked.now - 5min + 1ms;
  CHECK(rules.decide(application, asked).outcome == AccessOutcome::kAllowed);
  const std::vector<std::string> others = {"welfare"};
  asked.groups = &others;
  asked.assurance = Assurance::kSecondFactor;
  CHECK(rules.decide(application, asked).outcome == AccessOutcome::kAllowed);
}

TEST_CASE("an application is found by its host and no other", "[authn]") {
  const AccessRules rules({{"tax", "tax.town.example", {}}, {"roads", "roads.town.example", {}}},
                          kJapan);
  CHECK(rules.application_at("town.example") == nullptr);
  CHECK(rules.application_at("x.tax.town.example") == nullptr);
  CHECK(rules.application_at("") == nullptr);
  REQUIRE(rules.application_at("roads.town.example") != nullptr);
  CHECK(rules.application_at("roads.town.example")->name == "roads");
}

TEST_CASE("a malformed host is refused", "[authn]") {
  for (const std::string_view host : {std::string_view(""),
                                      std::string_view("."),
                                      std::string_view(".."),
                                      std::string_view(".a"),
                                      std::string_view("a..b"),
                                      std::string_view("a.."),
                                      std::string_view(":443"),
                                      std::string_view("a:"),
                                      std::string_view("a:x"),
                                      std::string_view("a:65536"),
                                      std::string_view("a:-1"),
                                      std::string_view("a:80:80"),
                                      std::string_view("a b"),
                                      std::string_view(" a"),
                                      std::string_view("a\0b", 3),
                                      std::string_view("a\r\nb"),
                                      std::string_view("user@a"),
                                      std::string_view("a/b"),
                                      std::string_view("a?b"),
                                      std::string_view("a#b"),
                                      std::string_view("a%2eb"),
                                      std::string_view("a,b"),
                                      std::string_view("関所.example"),
                                      std::string_view("::1"),
                                      std::string_view("["),
                                      std::string_view("[]"),
                                      std::string_view("[::1"),
                                      std::string_view("[::1]x"),
                                      std::string_view("[::1]:"),
                                      std::string_view("[::1]:99999"),
                                      std::string_view("[a.example]"),
                                      std::string_view("[::1%25eth0]")}) {
    INFO(host);
    CHECK(host_for_rules(host).value_or("refused") == "refused");
  }
  CHECK_FALSE(host_for_rules(std::string(1 << 20, 'a')));
}

TEST_CASE("a host is compared in lower case, without port and final dot", "[authn]") {
  CHECK(host_for_rules("Tax.Town.Example") == "tax.town.example");
  CHECK(host_for_rules("tax.town.example:8443") == "tax.town.example");
  CHECK(host_for_rules("tax.town.example.") == "tax.town.example");
  CHECK(host_for_rules("tax.town.example.:443") == "tax.town.example");
  CHECK(host_for_rules("127.0.0.1:80") == "127.0.0.1");
  CHECK(host_for_rules("[::1]:8443") == "[::1]");
  CHECK(host_for_rules("[FD00::1]") == "[fd00::1]");
}

}  // namespace
}  // namespace sekisho::authn
