#include "settings/settings_applications.h"

#include <algorithm>

#include "authn/administration.h"
#include "authn/request_path.h"
#include "base/text.h"
#include "settings/settings_upstreams.h"

namespace sekisho::settings {
namespace {

std::optional<int> minute_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = parse_unsigned(text.substr(0, 2));
  const auto minute = parse_unsigned(text.substr(3, 2));
  if (!hour || !minute || *hour > 24 || *minute > 59 || (*hour == 24 && *minute != 0)) {
    return std::nullopt;
  }
  return static_cast<int>(*hour * 60 + *minute);
}

std::optional<unsigned> days_of(std::string_view text) {
  constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const auto index = [&](std::string_view name) -> std::optional<unsigned> {
    for (unsigned i = 0; i < 7; ++i) {
      if (name == kDays[i]) return i;
    }
    return std::nullopt;
  };
  unsigned days = 0;
  for (const std::string_view part : split(text, ',')) {
    if (trimmed(part) == "hol") {
      days |= 1U << authn::Hours::kHoliday;
      continue;
    }
    const std::size_t dash = part.find('-');
    const auto first = index(trimmed(part.substr(0, dash)));
    const auto last =
        dash == std::string_view::npos ? first : index(trimmed(part.substr(dash + 1)));
    if (!first || !last || *last < *first) return std::nullopt;
    for (unsigned day = *first; day <= *last; ++day) days |= 1U << day;
  }
  return days;
}

std::optional<authn::Hours> read_hours(TableReader& rule, bool knows_holidays) {
  const std::string hours_text = rule.text("hours", "");
  const std::string days_text = rule.text("days", "");
  if (hours_text.empty() && days_text.empty()) return std::nullopt;
  authn::Hours hours;
  if (!hours_text.empty()) {
    const std::size_t dash = hours_text.find('-');
    const auto from = minute_of_day(std::string_view(hours_text).substr(0, dash));
    const auto to = dash == std::string::npos
                        ? std::nullopt
                        : minute_of_day(std::string_view(hours_text).substr(dash + 1));
    if (!from || !to || *to <= *from) {
      rule.complain("hours",
                    "must be like \"08:00-18:00\", the end after the beginning; for a "
                    "night write two rules");
    } else {
      hours.from_minute = *from;
      hours.to_minute = *to;
    }
  }
  if (!days_text.empty()) {
    const auto days = days_of(days_text);
    if (!days) {
      rule.complain("days", "must be like \"mon-fri\" or \"mon,wed,sat-sun,hol\"");
    } else {
      hours.days = *days;
    }
    if (days_text.find("hol") != std::string::npos && !knows_holidays) {
      rule.complain("days", "names holidays, which only [segment] holidays can tell");
    }
  }
  return hours;
}

void read_fresh(TableReader& reader, authn::AccessRule& rule) {
  using namespace std::chrono_literals;
  if (!reader.has("fresh")) return;
  rule.fresh = reader.duration("fresh", 5min, 1min, 12h);
  if (rule.is_refusal) reader.complain("fresh", "has no meaning where access is refused");
  if (rule.require == authn::Assurance::kPassword) {
    reader.complain("fresh", "asks for a second factor again; require must name one");
  }
}

// "zeimu-03", or "zeimu-*" for all whose names begin so.
bool is_terminal_pattern(std::string_view pattern) {
  if (pattern.ends_with('*')) pattern.remove_suffix(1);
  return authn::is_name(pattern);
}

void read_terminals(TableReader& reader, authn::AccessRule& rule) {
  rule.terminals = reader.texts("terminals");
  for (const std::string& pattern : rule.terminals) {
    if (is_terminal_pattern(pattern)) continue;
    reader.complain("terminals", "\"" + pattern +
                                     "\" is neither a terminal's name nor the beginning of "
                                     "names, like \"zeimu-*\"");
  }
  if (reader.is_empty_list("terminals")) {
    reader.complain("terminals", "is empty; leave it out to mean anywhere");
  }
  // Who signed in nowhere would not be refused.
  if (rule.is_refusal && !rule.terminals.empty()) {
    reader.complain("terminals",
                    "cannot say who is refused; name the terminals that are allowed, and refuse "
                    "the rest by a rule without terminals");
  }
}

authn::AccessRule read_rule(const toml::table* table, bool knows_holidays, Reading& reading) {
  TableReader reader(table, "[[application.rule]]", 0, reading);
  authn::AccessRule rule;
  rule.line = reader.line();
  rule.path = reader.text("path", "/");
  if (!authn::path_for_rules(rule.path) || rule.path.find_first_of("?#%;") != std::string::npos) {
    reader.complain("path",
                    "must begin with \"/\" and hold no \"..\", \"//\", \"?\", \"%\" or \";\"");
  }
  rule.groups = reader.texts("groups");
  for (const std::string& group : rule.groups) {
    if (!authn::is_name(group)) reader.complain("groups", "\"" + group + "\" is no group name");
  }
  if (reader.is_empty_list("groups")) {
    reader.complain("groups", "is empty; leave it out to mean everybody");
  }
  rule.networks = reader.networks("networks");
  if (reader.is_empty_list("networks")) {
    reader.complain("networks", "is empty; leave it out to mean the whole segment");
  }
  rule.hours = read_hours(reader, knows_holidays);
  const std::string access = reader.text("access", "allow");
  if (access != "allow" && access != "deny") {
    reader.complain("access", "must be \"allow\" or \"deny\"");
  }
  rule.is_refusal = access != "allow";
  const std::string require = reader.text("require", "any-second-factor");
  const auto assurance = authn::assurance_named(require);
  if (!assurance) {
    reader.complain("require",
                    "must be \"any-second-factor\", \"fido2\", \"fido2+uv\" or \"password\"");
  }
  rule.require = assurance.value_or(authn::Assurance::kSecondFactor);
  read_terminals(reader, rule);
  read_fresh(reader, rule);
  reader.finish();
  return rule;
}

bool holds_all(const std::vector<std::string>& groups, const std::vector<std::string>& some) {
  return std::ranges::all_of(
      some, [&](const std::string& one) { return std::ranges::find(groups, one) != groups.end(); });
}

// Whether `patterns` name no terminal that `kept` does not name; none names all of them.
bool names_only(const std::vector<std::string>& kept, const std::vector<std::string>& patterns) {
  return !patterns.empty() && std::ranges::all_of(patterns, [&](const std::string& pattern) {
    return authn::is_named(kept, pattern);
  });
}

// The first later rule by which others come into the place that `narrow` keeps for its groups, or
// its people from other places than its terminals.
const authn::AccessRule* undoing(const std::vector<authn::AccessRule>& rules, std::size_t narrow) {
  const authn::AccessRule& kept = rules[narrow];
  for (std::size_t i = narrow + 1; i < rules.size(); ++i) {
    const authn::AccessRule& later = rules[i];
    // Another rule with the same path is meant as an alternative.
    if (later.path == kept.path || !authn::is_below(kept.path, later.path)) {
      const bool refuses_all = later.is_refusal && later.groups.empty() && later.networks.empty() &&
                               !later.hours && authn::is_below(kept.path, later.path);
      if (refuses_all) return nullptr;
      continue;
    }
    if (later.is_refusal) continue;
    const bool lets_others =
        !kept.groups.empty() && (later.groups.empty() || !holds_all(kept.groups, later.groups));
    const bool lets_from_elsewhere =
        !kept.terminals.empty() && !names_only(kept.terminals, later.terminals);
    if (lets_others || lets_from_elsewhere) return &later;
  }
  return nullptr;
}

// A rule for some, and a later one that lets others into the same place: "first match wins" lets
// them in by the second.  That is never meant.
void find_undone_rules(TableReader& application, const std::vector<authn::AccessRule>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const authn::AccessRule& kept = rules[i];
    const bool is_narrow = !kept.groups.empty() || !kept.terminals.empty();
    if (kept.is_refusal || !is_narrow || kept.path == "/") continue;
    const authn::AccessRule* const later = undoing(rules, i);
    if (later == nullptr) continue;
    application.complain(
        "rule", "the rule of line " + std::to_string(later->line) + " lets others into \"" +
                    kept.path + "\", which the rule of line " + std::to_string(kept.line) +
                    " keeps for its groups or terminals; put a rule with path = \"" + kept.path +
                    "\" and access = \"deny\" between them");
  }
}

// A rule that an earlier one leaves nothing for: whatever it asks for, nobody is asked.
void find_hidden_rules(TableReader& application, const std::vector<authn::AccessRule>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const authn::AccessRule& earlier = rules[j];
      const bool takes_all = earlier.groups.empty() && earlier.networks.empty() && !earlier.hours &&
                             earlier.terminals.empty() &&
                             authn::is_below(rules[i].path, earlier.path);
      if (!takes_all) continue;
      application.complain("rule", "the rule of line " + std::to_string(rules[i].line) +
                                       " can never decide: the rule of line " +
                                       std::to_string(earlier.line) +
                                       " stands before it and leaves it nothing; put it first");
      break;
    }
  }
}

}  // namespace

std::string resolve_path(const std::string& folder, const std::string& path) {
  return path.empty() || path.front() == '/' ? path : folder + "/" + path;
}

std::optional<ParsedUrl> parse_url(std::string_view url) {
  ParsedUrl parsed;
  if (url.starts_with("https://")) {
    parsed.is_tls = true;
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  const auto host = authn::host_for_rules(url);
  if (!host) return std::nullopt;
  parsed.host = *host;
  std::size_t colon = url.rfind(':');
  if (parsed.host.front() == '[') {
    parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
    if (url.back() == ']') colon = std::string_view::npos;
  }
  if (colon != std::string_view::npos) {
    const auto port = parse_unsigned(url.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535) return std::nullopt;
    parsed.port = static_cast<std::uint16_t>(*port);
    parsed.has_port = true;
  }
  return parsed;
}

std::vector<ApplicationEntry> read_applications(TableReader& root, const Settings& settings,
                                                Reading& reading) {
  std::vector<ApplicationEntry> entries;
  for (const toml::table* table : root.tables("application")) {
    TableReader reader(table, "[[application]]", 0, reading);
    ApplicationEntry entry;
    entry.application.name = reader.required_text("name", "tax");
    if (!entry.application.name.empty() && !authn::is_name(entry.application.name)) {
      reader.complain("name", "must be 1 to 64 of a-z, A-Z, 0-9, '.', '_', '-'");
    }
    const std::string host_text = reader.required_text("host", "tax.town.example");
    const auto host = authn::host_for_rules(host_text);
    if (!host || host_text.find(':') != std::string::npos) {
      reader.complain("host", "must be a host name without scheme, port and path");
    } else {
      entry.application.host = *host;
      if (*host == settings.portal_host) {
        reader.complain("host", "is the portal's own host; give the application another name");
      }
      if (!settings.cookie_domain.empty() && !host->ends_with("." + settings.cookie_domain)) {
        reader.complain("host", "must lie below [portal] cookie_domain \"" +
                                    settings.cookie_domain + "\", or no session reaches it");
      }
      if (settings.cookie_domain.empty()) {
        reader.complain("host",
                        "needs [portal] cookie_domain, the domain above both the portal "
                        "and the applications, or no session reaches it");
      }
    }
    for (const ApplicationEntry& other : entries) {
      if (host && other.application.host == *host) {
        reader.complain("host",
                        "belongs to the application \"" + other.application.name + "\" already");
      }
      if (!entry.application.name.empty() && other.application.name == entry.application.name) {
        reader.complain("name", "is there twice");
      }
    }
    entry.title = reader.text("title", entry.application.name);
    read_upstreams(reader, settings, entry, reading);
    entry.allows_websocket = reader.flag("websocket", false);
    entry.wants_identity_token = reader.flag("identity_token", false);
    for (const toml::table* rule : reader.tables("rule")) {
      entry.application.rules.push_back(
          read_rule(rule, !settings.calendar.holidays.empty(), reading));
    }
    if (entry.application.rules.empty()) {
      reader.complain("rule",
                      "is missing: without a rule nobody gets in; add "
                      "[[application.rule]] with path and groups");
    }
    find_undone_rules(reader, entry.application.rules);
    find_hidden_rules(reader, entry.application.rules);
    reader.finish();
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace sekisho::settings
