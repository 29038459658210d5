// The attestation object: what a key was asked to make, and who vouches for the key (WebAuthn
// Level 3 section 6.5.4).
//
//   { "fmt": text, "attStmt": map, "authData": bytes }      and nothing else
//
// Reading says what is written, not whether it is true: the formats' own files do.

#ifndef SEKISHO_AUTHN_FACTORS_ATTESTATION_OBJECT_H_
#define SEKISHO_AUTHN_FACTORS_ATTESTATION_OBJECT_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "authn/factors/cbor.h"
#include "authn/factors/webauthn_fault.h"
#include "base/bytes.h"

namespace sekisho::authn {

inline constexpr std::size_t kMaxAttestationChain = 6;  // certificates

// The members of the statements of all formats we know.
struct AttestationStatement {
  std::optional<int> algorithm;                       // alg
  std::optional<ByteView> signature;                  // sig
  std::optional<std::vector<ByteView>> certificates;  // x5c, DER: one at least, the signer's first
  std::optional<std::string_view> version;            // ver
  std::optional<ByteView> cert_info;                  // certInfo
  std::optional<ByteView> pub_area;                   // pubArea
};

// The views end with it, not with the bytes it was read from.
struct AttestationObject {
  CborItem root;
  std::string_view format;
  ByteView authenticator_data;
  const cbor_item_t* statement = nullptr;
};

// kMalformedAttestation unless every byte belongs to a map of exactly those three members.
Webauthn<AttestationObject> read_attestation_object(ByteView bytes);

// kMalformedAttestation for a member we do not know or of the wrong kind, or a chain that is
// empty or too long.
Webauthn<AttestationStatement> read_attestation_statement(const cbor_item_t* statement);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_ATTESTATION_OBJECT_H_
