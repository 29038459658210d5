// Asking an open key for assertions (CTAP 2.1 section 6.2).

#ifndef SEKISHO_AUTHN_FACTORS_KEY_ASSERTION_H_
#define SEKISHO_AUTHN_FACTORS_KEY_ASSERTION_H_

#include <optional>
#include <string>
#include <vector>

#include "authn/factors/key_call.h"
#include "authn/factors/open_key.h"
#include "authn/factors/security_key.h"

namespace sekisho::authn {

// The first of `credentials` the key shows without touch and without verification; nullopt when it
// shows none, which is not to say that it holds none: see OpenKey::may_hide_credentials.
FromKey<std::optional<Bytes>> find_silently(OpenKey& key, const std::string& rp_id,
                                            const std::vector<Bytes>& credentials);

// The same with the call's PIN, which makes it show those it hides.
FromKey<std::optional<Bytes>> find_with_pin(OpenKey& key, const std::string& rp_id,
                                            const std::vector<Bytes>& credentials,
                                            const KeyCall& call);

// One request for `credentials`, which fit in one message.  Waits for a touch.
FromKey<KeyAssertion> assertion_by(OpenKey& key, const AssertionRequest& request,
                                   const std::vector<Bytes>& credentials, const KeyCall& call);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_KEY_ASSERTION_H_
