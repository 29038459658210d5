// Every number by which we decide, with its unit, default, bounds and source.
// settings/ reads them from the configuration; "requirements" rows are those of the design.

#ifndef SEKISHO_AUTHN_POLICY_H_
#define SEKISHO_AUTHN_POLICY_H_

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authn/assurance.h"
#include "authn/groups.h"

namespace sekisho::authn {

// NIST SP 800-63B-4 section 3.2.2; RFC 4226 section 7.3.  Counts are consecutive failures.
struct ThrottlePolicy {
  // One user, one factor, one source (an address or a terminal).
  int backoff_from = 3;                           // 1..100
  std::chrono::milliseconds backoff_first{2000};  // doubles with each failure; 0..60 s
  int lock_after = 5;                             // 3..100
  std::chrono::milliseconds lock_for{15 *
                                     60'000};  // doubles with each failure after a lock; 1 s..24 h
  std::chrono::milliseconds lock_most{60 * 60'000};
  // One user, one factor, all sources together: a delay, so that nobody can lock a colleague out
  // from afar (ASVS 6.1.1).
  int account_backoff_from = 10;                           // 3..100
  std::chrono::milliseconds account_backoff_most{30'000};  // 0..10 min
  // A source from which the person proved the factor so lately is not delayed by what others did
  // elsewhere, nor by others at the same source (NIST SP 800-63B-4 section 3.2.2).
  std::chrono::milliseconds known_source_for{30LL * 24 * 3'600'000};  // 0..365 d
  // The factor stops working until an administrator sets it anew.
  int disable_after = 100;  // 3..100
  // One source, all users: password spraying.
  int source_after = 30;                                 // 5..10000
  std::chrono::milliseconds source_window{10 * 60'000};  // 1 min..24 h
  std::chrono::milliseconds source_backoff_most{60'000};

  bool operator==(const ThrottlePolicy&) const = default;
};

// NIST SP 800-63B-4 sections 2.2.3 and 5.2.
struct SessionPolicy {
  std::chrono::milliseconds idle{15 * 60'000};         // 1 min..24 h
  std::chrono::milliseconds absolute{12 * 3'600'000};  // 5 min..24 h
  // How long a proven password waits for the second factor.
  std::chrono::milliseconds pending{10 * 60'000};  // 1..30 min

  bool operator==(const SessionPolicy&) const = default;
};

// RFC 6238 sections 5.2 and 6.
struct TotpPolicy {
  int window = 1;       // steps each side of where the token's clock is; 0..2
  int drift_most = 10;  // steps that are learnt from logins at most; 0..100
  int resync_window =
      100;  // steps each side searched when an administrator resynchronises; 10..1000

  bool operator==(const TotpPolicy&) const = default;
};

struct TerminalPolicy {
  std::chrono::milliseconds transaction_life{60'000};  // 10 s..10 min
  std::chrono::milliseconds join_token_life{3'600'000};
  int certificate_days = 90;  // 1..825
  // For how long rules take a person to be at the terminal where they signed in; 1 min..24 h
  std::chrono::milliseconds seat_life{12LL * 3'600'000};
  // What a terminal's services ask for, at least kSecondFactor: all of them, and some by name.
  Assurance require = Assurance::kSecondFactor;
  std::vector<std::pair<std::string, Assurance>> services;  // PAM service: "sudo"

  Assurance required_by(std::string_view service) const;
  bool operator==(const TerminalPolicy&) const = default;
};

// WebAuthn Level 3; NIST SP 800-63B-4 section 3.1.7 and appendix B.
struct SecurityKeyPolicy {
  std::string rp_id;                        // the relying party: the portal's host, or above it
  bool requires_user_verification = false;  // everywhere
  bool allows_passwordless = false;         // key and PIN alone, no name typed, at the portal
  bool allows_syncable = false;             // credentials that can leave the key
  // Whose keys must be of one of these models, by an attestation that leads to a trust anchor.
  struct ModelRule {
    std::vector<std::string> groups;
    std::vector<std::string> aaguids;  // 32 lower-case hexadecimal digits
    bool operator==(const ModelRule&) const = default;
  };
  std::vector<ModelRule> models;
  int keys_most = 8;                                 // of one person; 2..16
  std::chrono::milliseconds ceremony{5 * 60'000};    // a challenge's life; 1..10 min
  std::chrono::milliseconds fresh{5 * 60'000};       // proof that lets keys be changed; 1..60 min
  std::chrono::milliseconds enrolment{10 * 60'000};  // a code's life; 1..10 min

  bool operator==(const SecurityKeyPolicy&) const = default;
};

// Those whose rights are worth most are held to more than others: stronger factors, fewer guesses,
// shorter sessions, no key that may have been copied (requirements J-11).
struct PrivilegedPolicy {
  std::vector<std::string> groups;  // empty: nobody
  // Of every rule and every terminal's service, whatever they ask of others.
  Assurance require = Assurance::kSecondFactor;
  // None: as others.  Never more than others have.
  std::optional<int> lock_after;                      // as ThrottlePolicy
  std::optional<std::chrono::milliseconds> idle;      // as SessionPolicy
  std::optional<std::chrono::milliseconds> absolute;  // as SessionPolicy

  bool covers(const std::vector<std::string>& some) const { return is_in_any(some, groups); }
  // What is asked of people in `some`, where others are asked for `level`.
  Assurance raised(Assurance level, const std::vector<std::string>& some) const {
    return covers(some) ? std::max(level, require) : level;
  }
  bool operator==(const PrivilegedPolicy&) const = default;
};

// What applications are told by a signed token (authn/identity_token.h).
struct IdentityPolicy {
  std::chrono::milliseconds token_life{60'000};  // 30 s..5 min
  int rotate_days = 30;                          // until another key follows; 1..365
};

inline Assurance TerminalPolicy::required_by(std::string_view service) const {
  for (const auto& [name, required] : services) {
    // What lockers and others who are not root say of themselves is marked (agent); "sudo -i" and
    // "su -" are services of their own, and are meant, too.
    if (service == name || service == "user:" + name || service == name + "-i" ||
        service == name + "-l") {
      return required;
    }
  }
  return require;
}

struct Policy {
  ThrottlePolicy throttle;
  SessionPolicy session;
  TotpPolicy totp;
  TerminalPolicy terminal;
  SecurityKeyPolicy security_keys;
  PrivilegedPolicy privileged;

  // Of whoever is in these groups: whether their keys must verify their holder to be bound.
  bool must_verify(const std::vector<std::string>& groups) const {
    return security_keys.requires_user_verification ||
           (privileged.covers(groups) && privileged.require == Assurance::kVerifiedKey);
  }
  SessionPolicy session_of(const std::vector<std::string>& groups) const;
  bool operator==(const Policy&) const = default;
};

inline SessionPolicy Policy::session_of(const std::vector<std::string>& groups) const {
  SessionPolicy limits = session;
  if (privileged.covers(groups)) {
    limits.idle = std::min(limits.idle, privileged.idle.value_or(limits.idle));
    limits.absolute = std::min(limits.absolute, privileged.absolute.value_or(limits.absolute));
  }
  return limits;
}

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_POLICY_H_
