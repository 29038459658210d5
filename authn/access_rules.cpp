#include "authn/access_rules.h"

#include <algorithm>

#include "authn/request_path.h"
#include "base/text.h"

namespace sekisho::authn {
namespace {

bool is_port(std::string_view text) {
  const auto port = parse_unsigned(text);
  return port && *port <= 65535;
}

bool is_stale(const AccessRule& rule, Assurance required, const AccessRequest& request) {
  if (!rule.fresh) return false;
  const std::optional<Instant> proven = request.proven.at(required);
  return !proven || request.now >= *proven + *rule.fresh;
}

}  // namespace

bool is_named(const std::vector<std::string>& patterns, std::string_view terminal) {
  return std::ranges::any_of(patterns, [&](std::string_view pattern) {
    if (!pattern.ends_with('*')) return pattern == terminal;
    pattern.remove_suffix(1);
    return terminal.starts_with(pattern);
  });
}

bool Hours::contains(Instant now, const Calendar& calendar) const {
  using std::chrono::floor;
  const auto local = floor<std::chrono::minutes>(now) + calendar.utc_offset;
  const auto day = floor<std::chrono::days>(local);
  const auto minute = static_cast<int>((local - day).count());
  const bool is_holiday = calendar.is_holiday(std::chrono::sys_days(day.time_since_epoch()));
  const unsigned kind = is_holiday ? kHoliday : std::chrono::weekday(day).iso_encoding() - 1;
  return ((days >> kind) & 1U) != 0 && minute >= from_minute && minute < to_minute;
}

std::string_view name_of(AccessOutcome outcome) {
  switch (outcome) {
    case AccessOutcome::kAllowed:
      return "allowed";
    case AccessOutcome::kSignIn:
      return "sign_in";
    case AccessOutcome::kSecondFactor:
      return "second_factor";
    case AccessOutcome::kStale:
      return "stale";
    case AccessOutcome::kForbidden:
      return "forbidden";
    case AccessOutcome::kBadPath:
      return "bad_path";
  }
  return "forbidden";
}

std::string_view name_of(Mismatch mismatch) {
  switch (mismatch) {
    case Mismatch::kNone:
      return "matches";
    case Mismatch::kPath:
      return "path";
    case Mismatch::kNetwork:
      return "network";
    case Mismatch::kHours:
      return "hours";
    case Mismatch::kGroup:
      return "group";
    case Mismatch::kTerminal:
      return "terminal";
  }
  return "matches";
}

AccessRules::AccessRules(std::vector<Application> applications, Calendar calendar,
                         PrivilegedPolicy privileged, std::chrono::milliseconds seat_life)
    : applications_(std::move(applications)),
      calendar_(std::move(calendar)),
      privileged_(std::move(privileged)),
      seat_life_(seat_life) {}

bool AccessRules::is_seated(const AccessRule& rule, const AccessRequest& request) const {
  return std::ranges::any_of(request.seats, [&](const Seat& seat) {
    return seat.address == request.client && seat.counts_at(request.now, seat_life_) &&
           is_named(rule.terminals, seat.terminal_name);
  });
}

Mismatch AccessRules::mismatch_of(const AccessRule& rule, std::string_view path,
                                  const AccessRequest& request) const {
  if (!is_below(path, rule.path)) return Mismatch::kPath;
  if (!rule.groups.empty() && request.groups != nullptr &&
      !is_in_any(*request.groups, rule.groups)) {
    return Mismatch::kGroup;
  }
  if (!rule.networks.empty() && !contains(rule.networks, request.client)) {
    return Mismatch::kNetwork;
  }
  if (rule.hours && !rule.hours->contains(request.now, calendar_)) return Mismatch::kHours;
  if (!rule.terminals.empty() && !is_seated(rule, request)) return Mismatch::kTerminal;
  return Mismatch::kNone;
}

Assurance AccessRules::required_by(const AccessRule& rule,
                                   const std::vector<std::string>& groups) const {
  return privileged_.raised(rule.require, groups);
}

const Application* AccessRules::application_at(std::string_view host) const {
  const auto found =
      std::find_if(applications_.begin(), applications_.end(),
                   [&](const Application& application) { return application.host == host; });
  return found == applications_.end() ? nullptr : &*found;
}

const Application* AccessRules::application_of(std::string_view host_field) const {
  for (const Application& application : applications_) {
    const std::string& host = application.host;
    if (!host_field.starts_with(host)) continue;
    const std::string_view rest = host_field.substr(host.size());
    if (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)))) return &application;
  }
  const auto host = host_for_rules(host_field);
  return host ? application_at(*host) : nullptr;
}

AccessDecision AccessRules::decide(const Application& application,
                                   const AccessRequest& request) const {
  const std::optional<std::string> path = path_for_rules(request.target);
  if (!path) return {AccessOutcome::kBadPath, nullptr};
  // A stranger learns only that one must sign in, not which rules there are.
  if (request.groups == nullptr) return {AccessOutcome::kSignIn, nullptr};
  for (const AccessRule& rule : application.rules) {
    if (mismatch_of(rule, *path, request) != Mismatch::kNone) continue;
    if (rule.is_refusal) return refuse(application, &rule, *path, request);
    const Assurance required = required_by(rule, *request.groups);
    if (request.assurance < required) return {AccessOutcome::kSecondFactor, &rule, required};
    if (is_stale(rule, required, request)) return {AccessOutcome::kStale, &rule, required};
    return {AccessOutcome::kAllowed, &rule};
  }
  // Somebody who has not shown the second factor is asked for it before being told "no".
  if (request.assurance < Assurance::kSecondFactor) return {AccessOutcome::kSecondFactor, nullptr};
  return refuse(application, nullptr, *path, request);
}

AccessDecision AccessRules::refuse(const Application& application, const AccessRule* by,
                                   std::string_view path, const AccessRequest& request) const {
  AccessDecision decision{AccessOutcome::kForbidden, by};
  // A password alone learns nothing of the other rules.
  if (request.assurance < Assurance::kSecondFactor) return decision;
  for (const AccessRule& rule : application.rules) {
    if (&rule == by) break;
    const Mismatch mismatch = mismatch_of(rule, path, request);
    const bool is_for_them = !rule.is_refusal && mismatch > Mismatch::kGroup;
    if (!is_for_them || (decision.nearest != nullptr && mismatch <= decision.missing)) continue;
    decision.nearest = &rule;
    decision.missing = mismatch;
  }
  return decision;
}

std::optional<std::string> host_for_rules(std::string_view host) {
  if (host.empty() || host.size() > 255 + 6) return std::nullopt;
  std::string_view name = host;
  if (host.front() == '[') {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    name = host.substr(0, end + 1);
    const std::string_view rest = host.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    if (!IpAddress::parse(name.substr(1, name.size() - 2))) return std::nullopt;
    return lower_case(name);
  }
  const std::size_t colon = host.find(':');
  if (colon != std::string_view::npos) {
    if (!is_port(host.substr(colon + 1))) return std::nullopt;
    name = host.substr(0, colon);
  }
  if (name.ends_with('.')) name.remove_suffix(1);
  const bool has_empty_label =
      name.empty() || name.front() == '.' || name.back() == '.' || name.find("..") != name.npos;
  if (has_empty_label) return std::nullopt;
  for (const char c : name) {
    const bool is_host_character = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                   (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    if (!is_host_character) return std::nullopt;
  }
  return lower_case(name);
}

}  // namespace sekisho::authn
