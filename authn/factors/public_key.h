// The public key of a credential: kept as bare coordinates, made OpenSSL's when it is used.

#ifndef SEKISHO_AUTHN_FACTORS_PUBLIC_KEY_H_
#define SEKISHO_AUTHN_FACTORS_PUBLIC_KEY_H_

#include "base/bytes.h"

namespace sekisho::authn {

// A public key as it is kept: the algorithm's number and its bare coordinates.
struct PublicKey {
  int algorithm = 0;  // COSE: -7 ES256, -8 EdDSA, -35 ES384
  Bytes bytes;        // x and y, 64 or 96 bytes; 32 bytes for EdDSA
};

// Whether it is a key at all: as long as its algorithm wants and, for ECDSA, a point on the curve.
bool is_usable(const PublicKey& key);

// Whether `key` made `signature` (DER for ECDSA) over `message`.
bool has_signed(const PublicKey& key, ByteView message, ByteView signature);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_PUBLIC_KEY_H_
