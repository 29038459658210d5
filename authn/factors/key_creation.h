// Having an open key make a credential (CTAP 2.1 section 6.1).

#ifndef SEKISHO_AUTHN_FACTORS_KEY_CREATION_H_
#define SEKISHO_AUTHN_FACTORS_KEY_CREATION_H_

#include <vector>

#include "authn/factors/key_call.h"
#include "authn/factors/open_key.h"
#include "authn/factors/security_key.h"

namespace sekisho::authn {

// One request, with `excluded` fit for one message.  Waits for a touch.
FromKey<KeyCredential> credential_by(OpenKey& key, const CreationRequest& request,
                                     const std::vector<Bytes>& excluded, const KeyCall& call);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_KEY_CREATION_H_
