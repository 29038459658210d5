// What must hold of every decision about a request's host and path.
#ifndef SEKISHO_TESTS_FUZZ_DECISIONS_H_
#define SEKISHO_TESTS_FUZZ_DECISIONS_H_

#include "authn/request_path.h"
#include "base/text.h"
#include "tests/fuzz/town.h"

namespace sekisho::testing {

// Each escape once; what is none stays.
inline std::string decoded(std::string_view text) {
  const auto digit = [](char c) {
    const std::size_t at = std::string_view("0123456789abcdef").find(lower_case({&c, 1}));
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    out.push_back(is_escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]))
                            : text[i]);
    if (is_escape) i += 2;
  }
  return out;
}

// The path in another spelling: every byte but '/' escaped.
inline std::string escaped(std::string_view path) {
  std::string out;
  for (const char c : path) {
    char text[4] = {c, 0};
    if (c != '/') std::snprintf(text, sizeof text, "%%%02X", static_cast<unsigned char>(c));
    out += text;
  }
  return out;
}

// As the most obliging of servers opens a path that it has decoded: it cuts parameters, takes '\'
// for '/', skips empty segments, climbs, and drops the dots and spaces at the end of a name.
inline std::string opened(std::string_view path) {
  std::vector<std::string> segments;
  std::string plain(path);
  std::ranges::replace(plain, '\\', '/');
  for (const std::string_view whole : split(plain, '/')) {
    std::string_view segment = whole.substr(0, whole.find(';'));
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
      continue;
    }
    while (segment.ends_with('.') || segment.ends_with(' ')) segment.remove_suffix(1);
    if (!segment.empty()) segments.emplace_back(segment.substr(0, segment.find('\0')));
  }
  std::string out;
  for (const std::string& segment : segments) out.append("/").append(segment);
  return out.empty() ? "/" : out;
}

inline void path_holds(std::string_view target, const std::string& path) {
  const std::string bare(target.substr(0, target.find('?')));
  const std::string once = decoded(bare);
  promise(decoded(once) == once, "decoding twice changes nothing");
  promise(authn::path_for_rules(escaped(path)) == path, "a path has one meaning, however spelled");
  promise(authn::path_for_rules(bare + "?/../admin") == path,
          "the query says nothing about the path");
  for (const authn::Application& application : town().rules.applications()) {
    for (const authn::AccessRule& rule : application.rules) {
      promise(authn::is_below(path, rule.path) == authn::is_below(opened(once), rule.path),
              "a rule holds for what a server would open");
    }
  }
}

inline void allowed_by_the_first_rule(const authn::Application& application,
                                      const authn::AccessRequest& request, const std::string& path,
                                      const authn::AccessDecision& decision) {
  for (const authn::AccessRule& rule : application.rules) {
    const bool matches = town().rules.mismatch_of(rule, path, request) == authn::Mismatch::kNone;
    promise(matches == (decision.rule == &rule), "the first rule that matches decides");
    if (matches) break;
  }
  if (decision.outcome != authn::AccessOutcome::kAllowed) return;
  promise(decision.rule != nullptr && !decision.rule->is_refusal, "what no rule allows is refused");
  const auto required = town().rules.required_by(*decision.rule, *request.groups);
  promise(required >= decision.rule->require, "nobody is held to less than the rule asks for");
  promise(request.assurance >= required, "one has proven what is asked for");
  const bool is_seated = std::ranges::any_of(request.seats, [&](const authn::Seat& seat) {
    return seat.address == request.client && seat.terminal_name.starts_with("madoguchi-") &&
           request.now < seat.taken_at + std::chrono::hours(12);
  });
  promise(decision.rule->terminals.empty() || is_seated,
          "one sits at a terminal, and asks from it");
  if (!decision.rule->fresh) return;
  const auto proven = request.proven.at(required);
  promise(proven && request.now < *proven + *decision.rule->fresh, "and not too long ago");
}

inline void decision_holds(const authn::Application& application,
                           const authn::AccessRequest& request,
                           const std::optional<std::string>& path) {
  using authn::AccessOutcome;
  const authn::AccessDecision decision = town().rules.decide(application, request);
  promise((decision.outcome == AccessOutcome::kBadPath) == !path,
          "a path that cannot be judged is never allowed");
  if (!path || request.groups == nullptr) {
    promise(decision.rule == nullptr, "nobody learns what rules there are");
    promise(!path || decision.outcome == AccessOutcome::kSignIn, "a stranger must sign in");
    return;
  }
  allowed_by_the_first_rule(application, request, *path, decision);
  authn::AccessRequest other = request;
  const std::string spellings[] = {escaped(*path), lower_case(request.target)};
  for (const std::string& spelled : spellings) {
    other.target = spelled;
    promise(town().rules.decide(application, other).rule == decision.rule,
            "a decision is about the path, not about its spelling");
  }
}

// For whoever asks, from wherever, whenever.
inline void decisions_hold(const authn::Application& application, std::string_view target) {
  const auto path = authn::path_for_rules(target);
  if (path) path_holds(target, *path);
  for (const char* client : {"127.0.0.7", "127.1.0.7", "fd00::7"}) {
    for (const Instant now : kTimes) {
      authn::AccessRequest request{target, *IpAddress::parse(client), now};
      decision_holds(application, request, path);
      for (const Person& person : people()) {
        request.groups = &person.user.groups;
        request.assurance = person.assurance;
        request.proven = person.proven;
        request.seats = person.user.seats;
        decision_holds(application, request, path);
      }
    }
  }
}

inline void hosts_hold(std::string_view host_field) {
  const auto host = authn::host_for_rules(host_field);
  const authn::Application* application = town().rules.application_of(host_field);
  if (!host) {
    // A port of 200 zeros is a number, but not one that a Host field has.
    promise(application == nullptr || host_field.size() > 255, "no application has such a host");
    return;
  }
  promise(application == town().rules.application_at(*host), "one host, one application");
  promise(authn::host_for_rules(*host) == host, "a host is what it is");
  promise(authn::host_for_rules(*host + ":8443") == host, "on any port");
  promise(lower_case(*host) == *host && host->find_first_of(" /\\@?#%,;\"") == host->npos,
          "a host is a name or an address");
}

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_FUZZ_DECISIONS_H_
