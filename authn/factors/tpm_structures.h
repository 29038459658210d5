// The two structures of a Trusted Platform Module that its attestation hands over (TPM 2.0 Library
// Specification, Part 2: TPMS_ATTEST, section 10.12.8, and TPMT_PUBLIC, section 12.2.4).

#ifndef SEKISHO_AUTHN_FACTORS_TPM_STRUCTURES_H_
#define SEKISHO_AUTHN_FACTORS_TPM_STRUCTURES_H_

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace sekisho::authn {

// TPMS_ATTEST of the type TPM_ST_ATTEST_CERTIFY: one key of the module's speaks for another.  What
// is left out here is not looked at (WebAuthn Level 3 section 8.3).
struct TpmCertification {
  ByteView extra_data;
  ByteView attested_name;
};

// TPMT_PUBLIC of an elliptic-curve key.
struct TpmPublicKey {
  std::uint16_t name_algorithm = 0;
  std::uint16_t curve = 0;
  ByteView x;
  ByteView y;
};

inline constexpr std::uint16_t kTpmSha256 = 0x000b;
inline constexpr std::uint16_t kTpmSha384 = 0x000c;
inline constexpr std::uint16_t kTpmP256 = 0x0003;
inline constexpr std::uint16_t kTpmP384 = 0x0004;

// nullopt when a byte is missing or left over, or it is another structure, or another kind of key.
// The views end with the bytes they were read from.
std::optional<TpmCertification> read_tpm_certification(ByteView bytes);
std::optional<TpmPublicKey> read_tpm_public_key(ByteView bytes);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_TPM_STRUCTURES_H_
