// Sealing a secret for storage: AES-256-GCM (NIST SP 800-38D), bound to where it is stored.
//
//   sealed = nonce (12 bytes, random) | ciphertext | tag (16 bytes)
//
// The associated data names the row and column, so that a sealed value moved to another row does
// not open.

#ifndef SEKISHO_BASE_SEALING_H_
#define SEKISHO_BASE_SEALING_H_

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/keyring.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace sekisho {

struct Sealed {
  std::string key_id;
  Bytes bytes;
};

// Seals under the keyring's current key.
Result<Sealed> seal(const Keyring& keyring, Random& random, const Secret& plain,
                    std::string_view associated_data);

// kNotFound: the key file lacks this key.  kCorrupt: wrong key, changed bytes or another row.
Result<Secret> unseal(const Keyring& keyring, const Sealed& sealed,
                      std::string_view associated_data);

}  // namespace sekisho

#endif  // SEKISHO_BASE_SEALING_H_
