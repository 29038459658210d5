// Every number by which we decide, with its unit, default, bounds and source.
// settings/ reads them from the configuration; "requirements" rows are those of the design.

#ifndef SEKISHO_AUTHN_POLICY_H_
#define SEKISHO_AUTHN_POLICY_H_

#include <chrono>

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

  bool operator==(const TerminalPolicy&) const = default;
};

struct Policy {
  ThrottlePolicy throttle;
  SessionPolicy session;
  TotpPolicy totp;
  TerminalPolicy terminal;

  bool operator==(const Policy&) const = default;
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_POLICY_H_
