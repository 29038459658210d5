// Recovery codes (NIST SP 800-63B-4 section 4.2.1.1): 80 random bits in base32, shown once.
//
//   "ABCD-EFGH-IJKL-MNOP"
//
// The hashes of a set share one salt, so that trying a code against the whole set costs one
// Argon2id; 80 bits leave nothing to gain from that.

#ifndef SEKISHO_AUTHN_FACTORS_RECOVERY_CODE_H_
#define SEKISHO_AUTHN_FACTORS_RECOVERY_CODE_H_

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace sekisho::authn {

// A new code as it is shown to a person.
Secret new_recovery_code(Random& random);

// True when `typed` has the shape of a recovery code: 16 base32 characters, in any case, with
// hyphens or spaces anywhere.
bool looks_like_recovery_code(std::string_view typed);

// What the store keeps; about 20 ms.  A text that is no recovery code hashes too, to something
// that no stored code has.
Result<Bytes> hash_recovery_code(std::string_view typed, ByteView salt, ByteView key);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_RECOVERY_CODE_H_
