// Enrolment codes: what an administrator hands to a person, with which a first key can be bound
// (NIST SP 800-63B-4 section 4.1.2.2: 64 random bits beside the user name, once, ten minutes).
//
// The store has HMAC-SHA-256 of user and code, under a key that is not in it.

#ifndef SEKISHO_AUTHN_ENROLMENT_CODE_H_
#define SEKISHO_AUTHN_ENROLMENT_CODE_H_

#include <string_view>

#include "base/digest.h"
#include "base/keyring.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "store/ids.h"

namespace sekisho::authn {

// 64 random bits as "ABCD-EFGH-JKLMN": 13 base32 characters in groups.
Secret new_enrolment_code(Random& random);

// The hash of a code as it may be typed: case, spaces and hyphens do not matter.  kNotFound: the
// keyring lacks the key.
Result<Digest> enrolment_code_hash(const Keyring& keyring, std::string_view key_id,
                                   store::UserId user, std::string_view typed);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_ENROLMENT_CODE_H_
