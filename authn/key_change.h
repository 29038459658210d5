// Who may change a person's keys: a session whose factors were proven lately, at the level that the
// keys themselves reach (NIST SP 800-63B-4 section 4.1.2.1, ASVS 7.5.1).  So a password and a
// phished code change nothing of whoever has a key.  An enrolment code lets one key be added, once.

#ifndef SEKISHO_AUTHN_KEY_CHANGE_H_
#define SEKISHO_AUTHN_KEY_CHANGE_H_

#include <string>
#include <vector>

#include "authn/assurance.h"
#include "authn/policy.h"
#include "base/result.h"
#include "store/store.h"

namespace sekisho::authn {

// What a session has proven, and when.
struct ProvenSession {
  std::string factors;
  Instant created_at;
  ProvenAt proven;
};

enum class KeyChange { kAdd, kRemove };

// The level that a change asks for: the best that one of the keys reaches, without keys any second
// factor, and of privileged people what the policy asks of them.  So their first key takes an
// enrolment code.
Assurance level_of(const std::vector<store::SecurityKey>& keys,
                   const std::vector<std::string>& groups, const PrivilegedPolicy& policy);

bool may_change(const ProvenSession& session, Assurance level, KeyChange change,
                const SecurityKeyPolicy& policy, Instant now);

// The same as it stands in the store, inside the transaction that changes: the session may have
// ended meanwhile, and its person with it.  The person, if he may.
Result<std::optional<store::User>> person_who_may(store::Store& store, store::SessionId session,
                                                  KeyChange change, const Policy& policy,
                                                  Instant now);

// After a key was added by it.
Result<void> spend_enrolment_right(store::Store& store, store::SessionId session);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_KEY_CHANGE_H_
