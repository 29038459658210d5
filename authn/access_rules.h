// Who may reach which application: rules in order, the first that matches decides, and what no
// rule matches is refused.

#ifndef SEKISHO_AUTHN_ACCESS_RULES_H_
#define SEKISHO_AUTHN_ACCESS_RULES_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/assurance.h"
#include "authn/calendar.h"
#include "base/clock.h"
#include "base/ip_network.h"

namespace sekisho::authn {

// Hours of the day and days of the week, in the segment's local time.
struct Hours {
  static constexpr unsigned kHoliday = 7;
  static constexpr unsigned kEveryDay = 0xff;
  int from_minute = 0;        // 0..1439
  int to_minute = 24 * 60;    // exclusive; not before from_minute
  unsigned days = kEveryDay;  // bit 0 is Monday; a holiday is kHoliday and no day of the week
  bool contains(Instant now, const Calendar& calendar) const;
};

struct AccessRule {
  std::string path = "/";
  std::vector<std::string> groups;  // empty: anybody
  std::vector<IpNetwork> networks;  // empty: anywhere in the segment
  std::optional<Hours> hours;       // none: always
  Assurance require = Assurance::kSecondFactor;
  // `require` must have been proven no longer ago; none: since the sign-in is enough.
  std::optional<std::chrono::milliseconds> fresh;
  bool is_refusal = false;  // access = "deny"
  int line = 0;             // in the configuration, for explanations
};

struct Application {
  std::string name;
  std::string host;  // lower case, without port
  std::vector<AccessRule> rules;
};

// What is asked, about whom.  The references live as long as the call.
struct AccessRequest {
  std::string_view target;  // path and query as they came
  IpAddress client;
  Instant now;
  // Who asks; nullptr when there is no session.
  const std::vector<std::string>* groups = nullptr;
  Assurance assurance = Assurance::kPassword;
  ProvenAt proven{};
};

enum class AccessOutcome {
  kAllowed,
  kSignIn,        // no session
  kSecondFactor,  // a session, but the rule asks for more
  kStale,         // it has proven what the rule asks for, but too long ago
  kForbidden,     // a rule refuses, or none matches
  kBadPath,       // the path cannot be judged
};

inline constexpr std::array kAccessOutcomes = {
    AccessOutcome::kAllowed, AccessOutcome::kSignIn,    AccessOutcome::kSecondFactor,
    AccessOutcome::kStale,   AccessOutcome::kForbidden, AccessOutcome::kBadPath};

std::string_view name_of(AccessOutcome outcome);

struct AccessDecision {
  AccessOutcome outcome = AccessOutcome::kForbidden;
  const AccessRule* rule = nullptr;  // the one that decided; nullptr: none matched
};

// Why one rule did not match, for `policy explain`.
enum class Mismatch { kNone, kPath, kNetwork, kHours, kGroup };
std::string_view name_of(Mismatch mismatch);
Mismatch mismatch_of(const AccessRule& rule, std::string_view path, const AccessRequest& request,
                     const Calendar& calendar);

class AccessRules {
 public:
  AccessRules() = default;
  AccessRules(std::vector<Application> applications, Calendar calendar);

  // The application with this host (lower case, without port), or nullptr.
  const Application* application_at(std::string_view host) const;
  // The application that a Host field names, or nullptr; allocates nothing where it is written as
  // in the configuration, with a port or without.
  const Application* application_of(std::string_view host_field) const;
  AccessDecision decide(const Application& application, const AccessRequest& request) const;

  const std::vector<Application>& applications() const { return applications_; }
  const Calendar& calendar() const { return calendar_; }

 private:
  std::vector<Application> applications_;
  Calendar calendar_;
};

// "Host" as rules compare it: lower case, without port and final dot.  nullopt when malformed.
std::optional<std::string> host_for_rules(std::string_view host);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_ACCESS_RULES_H_
