// A registration with a vector of the specification; a test spoils one thing and looks at the
// outcome.
#ifndef SEKISHO_TESTS_FACTORS_REGISTRATION_TRIAL_H_
#define SEKISHO_TESTS_FACTORS_REGISTRATION_TRIAL_H_

#include <string>
#include <vector>

#include "authn/factors/webauthn_registration.h"
#include "base/digest.h"
#include "tests/factors/attestation_draft.h"
#include "tests/factors/webauthn_vectors.h"
#include "tests/support/catch.h"

namespace sekisho::testing {

inline const Instant kVectorNow = instant_of(1'790'000'000'000);  // September 2026

struct RegistrationTrial {
  explicit RegistrationTrial(const WebauthnVector& vector)
      : challenge(vector.registration_challenge),
        client_data(vector.registration_client_data),
        attestation_object(vector.attestation_object) {}

  authn::Webauthn<authn::VerifiedRegistration> verified() const {
    return authn::verify_registration(
        {rp_id, origins, challenge, requires_verification, allows_syncable, anchors, now},
        {client_data, attestation_object});
  }
  // "ok", or the name of the fault.
  std::string outcome() const {
    const auto registration = verified();
    return registration ? "ok" : std::string(authn::name_of(registration.error()));
  }
  // Takes the attestation object apart, has it spoiled, and writes it again.
  template <typename Spoil>
  std::string outcome_when(Spoil spoil) {
    AttestationDraft draft(attestation_object);
    spoil(draft);
    attestation_object = draft.encoded();
    return outcome();
  }
  void replace_in_client_data(std::string_view from, std::string_view to) {
    std::string text(as_text(client_data));
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    client_data = copy_of(as_bytes(text));
  }
  // What "packed" and, by its digest, "tpm" sign.
  Bytes message(const AttestationDraft& draft) const {
    Bytes both = draft.auth_data;
    const Digest hash = sha256(client_data);
    both.insert(both.end(), hash.begin(), hash.end());
    return both;
  }

  std::string rp_id = kVectorRpId;
  std::vector<std::string> origins = {kVectorOrigin};
  bool requires_verification = false;
  bool allows_syncable = true;
  const authn::TrustAnchors* anchors = nullptr;
  Instant now = kVectorNow;
  Bytes challenge;
  Bytes client_data;
  Bytes attestation_object;
};

// Offsets in authenticator data (WebAuthn Level 3 section 6.1).
inline constexpr std::size_t kFlagsAt = 32;
inline constexpr std::size_t kAaguidAt = 37;
inline constexpr std::size_t kIdLengthAt = 53;
inline constexpr std::size_t kIdAt = 55;

inline bool is_known_format(const WebauthnVector& vector) {
  return vector.format == "none" || vector.format == "packed" || vector.format == "fido-u2f" ||
         vector.format == "tpm";
}

// Those that are to be accepted.
inline std::vector<WebauthnVector> good_registrations() {
  std::vector<WebauthnVector> good;
  for (const WebauthnVector& vector : webauthn_vectors()) {
    if (vector.is_supported() && !vector.is_framed() && is_known_format(vector)) {
      good.push_back(vector);
    }
  }
  REQUIRE(good.size() == 8);
  return good;
}

inline WebauthnVector vector_named(std::string_view name) {
  for (const WebauthnVector& vector : webauthn_vectors()) {
    if (vector.name == name) return vector;
  }
  FAIL("there is no vector " << name);
  std::abort();
}
inline WebauthnVector packed_vector() {
  return vector_named("Packed Attestation with ES256 Credential");
}
inline WebauthnVector self_vector() {
  return vector_named("ES256 Credential with Self Attestation");
}
inline WebauthnVector tpm_vector() {
  return vector_named("TPM Attestation with ES256 Credential");
}
inline WebauthnVector u2f_vector() {
  return vector_named("FIDO U2F Attestation with ES256 Credential");
}

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_FACTORS_REGISTRATION_TRIAL_H_
