// The test vectors of the WebAuthn Level 3 specification (tests/vectors/webauthn-l3.json).
#ifndef SEKISHO_TESTS_FACTORS_WEBAUTHN_VECTORS_H_
#define SEKISHO_TESTS_FACTORS_WEBAUTHN_VECTORS_H_

#include <string>
#include <vector>

#include "base/bytes.h"

namespace sekisho::testing {

struct WebauthnVector {
  std::string name;
  int algorithm = 0;
  Bytes registration_auth_data;
  // The assertion.
  Bytes challenge;
  Bytes client_data;
  Bytes auth_data;
  Bytes signature;
  // The registration.
  std::string format;
  Bytes registration_challenge;
  Bytes registration_client_data;
  Bytes attestation_object;

  // From inside a frame, which we refuse.
  bool is_framed() const;
  bool is_supported() const { return algorithm == -7 || algorithm == -8 || algorithm == -35; }
};

inline const std::string kVectorRpId = "example.org";
inline const std::string kVectorOrigin = "https://example.org";

const std::vector<WebauthnVector>& webauthn_vectors();

// The certificate (DER) of the authority that issued those of the attestations.
const Bytes& webauthn_attestation_ca();

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_FACTORS_WEBAUTHN_VECTORS_H_
