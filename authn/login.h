// The login state machine, and the one place that says Granted.  Start here.
//
// A login presents a password, a second factor, or both.  It runs in three parts, because
// Argon2id is slow and a transaction must be short:
//
//   prepare   in a transaction   throttles and counts the password attempt, fetches what to
//                                compare with (or a decoy, for an unknown user)
//   compute   outside            Argon2id
//   decide    in a transaction   compares, consumes the code, writes the audit rows, and says so
//
// The caller commits each part before it goes on.  Unknown users walk the same path.

#ifndef SEKISHO_AUTHN_LOGIN_H_
#define SEKISHO_AUTHN_LOGIN_H_

#include <optional>
#include <string>

#include "authn/assurance.h"
#include "authn/policy.h"
#include "authn/presented.h"
#include "authn/throttle.h"
#include "authn/verdict.h"
#include "base/keyring.h"
#include "base/result.h"
#include "base/secret.h"
#include "store/store.h"

namespace sekisho::authn {

// Between prepare and decide.
struct Prepared {
  std::optional<Verdict> refused;  // throttled: compute has nothing to do, decide repeats it
  std::optional<store::User> user;
  std::optional<Attempt> password_attempt;  // counted by prepare
  // Of a recovery code, whose verification is as slow as a password's: counted by prepare, too.
  std::optional<Attempt> recovery_attempt;
  std::optional<Verdict> recovery_refused;
  std::string password_hash;  // of the user, or a decoy
  std::string password_key_id;
  bool has_password = false;
  store::RecoverySet recovery_set;
  // Set by compute.
  bool password_matches = false;
  Bytes recovery_hash;
};

struct LoginResult {
  Verdict verdict;
  // With kGranted: who it is, and what has been proven in all.
  std::optional<store::User> user;
  Assurance assurance = Assurance::kPassword;
  std::string factors;  // "password totp", "password security_key+uv"
  // What was shown just now reaches, beside the password of the session that asks.
  Assurance shown = Assurance::kPassword;
  // Granted or not: a security key's counter did not grow.
  bool is_clone_suspected = false;
};

class Login {
 public:
  // The references must outlive the Login.
  Login(const Policy& policy, const Keyring& keyring, Random& random);

  Result<Prepared> prepare(store::Store& store, const Claim& claim, const Presented& presented,
                           Instant now) const;
  Result<void> compute(Prepared& prepared, const Presented& presented) const;
  // After an Error of compute, takes the counted attempt back.
  Result<void> withdraw(store::Store& store, const Prepared& prepared) const;
  Result<LoginResult> decide(store::Store& store, const Claim& claim, const Prepared& prepared,
                             const Presented& presented, Instant now) const;

 private:
  Claim held_to(const Claim& claim, const std::optional<store::User>& user) const;
  Attempt attempt_of(const Claim& claim, const std::optional<store::User>& user,
                     Factor factor) const;
  Result<void> take_seat(store::Store& store, const Claim& claim, store::UserId user,
                         Instant now) const;
  Result<bool> is_terminal_ours(store::Store& store, const Claim& claim) const;
  Result<Prepared> as_it_stands(store::Store& store, const Prepared& prepared) const;
  Result<Verdict> judge_password(store::Store& store, const Prepared& prepared, Instant now) const;
  Result<Verdict> judge_recovery(store::Store& store, const Prepared& prepared, Instant now) const;
  Result<void> prepare_recovery(store::Store& store, const Claim& claim, Prepared& prepared,
                                Instant now) const;
  // `key` receives what is to be told of a security key.
  Result<Verdict> judge_key(store::Store& store, const Claim& claim, const Prepared& prepared,
                            const Presented& presented, Instant now, JudgedKey& key) const;
  Result<Verdict> refuse_by_source(store::Store& store, const Claim& claim, Reason reason,
                                   Instant now) const;
  Result<Verdict> judge_second_factor(store::Store& store, const Claim& claim,
                                      const Prepared& prepared, const Presented& presented,
                                      Instant now, JudgedKey& key) const;
  Result<LoginResult> refuse_terminal(store::Store& store, const Claim& claim,
                                      const Prepared& prepared, const Presented& presented,
                                      Instant now) const;
  Result<void> write_down(store::Store& store, const Claim& claim, const Prepared& prepared,
                          Factor factor, const Verdict& verdict, Instant now,
                          const JudgedKey& key = {}) const;
  std::string subject(const Claim& claim, const std::optional<store::User>& user) const;
  Result<std::optional<store::User>> claimed_user(store::Store& store, const Claim& claim,
                                                  const Presented& presented) const;

  const Policy& policy_;
  const Keyring& keyring_;
  Random& random_;
  Throttle throttle_;
  Secret unknown_key_;
  std::string decoy_hash_;
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_LOGIN_H_
