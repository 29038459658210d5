// Signatures in WebAuthn: which key may make them, and whether it did (section 6.5.5).

#ifndef SEKISHO_AUTHN_FACTORS_SIGNATURE_H_
#define SEKISHO_AUTHN_FACTORS_SIGNATURE_H_

#include <openssl/evp.h>

#include <optional>

#include "base/bytes.h"

namespace sekisho::authn {

// COSE's numbers.
inline constexpr int kEs256 = -7;    // ECDSA with P-256 and SHA-256
inline constexpr int kEdDsa = -8;    // Ed25519
inline constexpr int kEs384 = -35;   // ECDSA with P-384 and SHA-384
inline constexpr int kRs256 = -257;  // RSASSA-PKCS1-v1_5 with SHA-256; in attestations alone

// What an attestation may be signed with.  SHA-1 (RS1) is not among them.
bool is_attestation_algorithm(int algorithm);

// Whether `key` is of the kind and, for ECDSA, of the curve that the algorithm demands.  RSA has
// 2048 to 4096 bits.
bool fits(const EVP_PKEY* key, int algorithm);

// Whether `key`, which fits the algorithm, made `signature` (DER for ECDSA) over `message`.
bool has_signed(EVP_PKEY* key, int algorithm, ByteView message, ByteView signature);

// The digest of `message` that the algorithm signs; nullopt for EdDSA, which signs the message.
std::optional<Bytes> digest_for(int algorithm, ByteView message);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_SIGNATURE_H_
