// What must be done now and then: forgetting what has expired, signing the audit log.

#ifndef SEKISHO_GATEWAY_HOUSEKEEPING_H_
#define SEKISHO_GATEWAY_HOUSEKEEPING_H_

#include "base/clock.h"
#include "base/keyring.h"
#include "base/random.h"
#include "base/signing.h"
#include "settings/settings.h"
#include "store/commit_lane.h"

namespace sekisho::gateway {

// Each runs on the commit lane and waits for it; a failure is logged and met again next time.
void clean_up(store::CommitLane& lane, const Clock& clock, const SigningKey& audit_key);

// Makes, follows and forgets the keys of identity tokens, once an application wants them.
void keep_identity_keys(store::CommitLane& lane, const Clock& clock, const Keyring& keyring,
                        Random& random, const settings::Settings& settings);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_HOUSEKEEPING_H_
