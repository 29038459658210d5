// Who may reach which application: rules in order, the first that matches decides, and what no
// rule matches is refused.

#ifndef SEKISHO_AUTHN_ACCESS_RULES_H_
#define SEKISHO_AUTHN_ACCESS_RULES_H_

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authn/assurance.h"
#include "authn/calendar.h"
#include "authn/policy.h"
#include "base/clock.h"
#include "base/ip_network.h"
#include "store/ids.h"

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
  // Names of terminals, or beginnings of names ("zeimu-*"): whoever asks has signed in at one of
  // them, and asks from its address.  Empty: at any terminal and at none.
  std::vector<std::string> terminals;
  Assurance require = Assurance::kSecondFactor;
  // `require` must have been proven no longer ago; none: since the sign-in is enough.
  std::optional<std::chrono::milliseconds> fresh;
  bool is_refusal = false;  // access = "deny"
  int line = 0;             // in the configuration, for explanations
};

// Whether one of these patterns, each as in AccessRule::terminals, names the terminal.  A pattern
// in its place asks whether they name all that it names.
bool is_named(const std::vector<std::string>& patterns, std::string_view terminal);

struct Application {
  std::string name;
  std::string host;  // lower case, without port
  std::vector<AccessRule> rules;
};

// What was noted for later than this from now was noted by a clock that was wrong.
inline constexpr std::chrono::minutes kClockMayRunAhead{5};

// Where somebody signed in at a terminal, sitting there.
struct Seat {
  store::TerminalId terminal;
  std::string terminal_name;
  IpAddress address;  // of the terminal
  Instant taken_at;

  Instant ends_at(std::chrono::milliseconds seat_life) const { return taken_at + seat_life; }
  // Whether rules take notice of it.
  bool counts_at(Instant now, std::chrono::milliseconds seat_life) const {
    return taken_at <= now + kClockMayRunAhead && now < ends_at(seat_life);
  }
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
  std::span<const Seat> seats{};
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

// Why one rule did not match.  Each holds that those before it did.
enum class Mismatch { kPath, kGroup, kNetwork, kHours, kTerminal, kNone };
std::string_view name_of(Mismatch mismatch);

struct AccessDecision {
  AccessOutcome outcome = AccessOutcome::kForbidden;
  const AccessRule* rule = nullptr;  // the one that decided; nullptr: none matched
  // What must be proven, with kSecondFactor and kStale.
  Assurance require = Assurance::kSecondFactor;
  // With kForbidden: the rule before that which would let this person in from elsewhere or at
  // another time, and what kept it from that; nullptr: no rule is for them.
  const AccessRule* nearest = nullptr;
  Mismatch missing = Mismatch::kNone;
};

class AccessRules {
 public:
  AccessRules() = default;
  AccessRules(std::vector<Application> applications, Calendar calendar,
              PrivilegedPolicy privileged = {},
              std::chrono::milliseconds seat_life = TerminalPolicy().seat_life);

  // The application with this host (lower case, without port), or nullptr.
  const Application* application_at(std::string_view host) const;
  // The application that a Host field names, or nullptr; allocates nothing where it is written as
  // in the configuration, with a port or without.
  const Application* application_of(std::string_view host_field) const;
  AccessDecision decide(const Application& application, const AccessRequest& request) const;
  // Of one rule, for a path as path_for_rules gives it.
  Mismatch mismatch_of(const AccessRule& rule, std::string_view path,
                       const AccessRequest& request) const;
  // What the rule asks of people in these groups.
  Assurance required_by(const AccessRule& rule, const std::vector<std::string>& groups) const;

  const std::vector<Application>& applications() const { return applications_; }
  const Calendar& calendar() const { return calendar_; }

 private:
  bool is_seated(const AccessRule& rule, const AccessRequest& request) const;
  AccessDecision refuse(const Application& application, const AccessRule* by, std::string_view path,
                        const AccessRequest& request) const;

  std::vector<Application> applications_;
  Calendar calendar_;
  PrivilegedPolicy privileged_;
  std::chrono::milliseconds seat_life_{};
};

// "Host" as rules compare it: lower case, without port and final dot.  nullopt when malformed.
std::optional<std::string> host_for_rules(std::string_view host);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_ACCESS_RULES_H_
