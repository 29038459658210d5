// The attestation statements we know, each verified by the procedure of its section (WebAuthn
// Level 3 section 8).  What a sound statement is worth is for whoever knows the trust anchors.

#ifndef SEKISHO_AUTHN_FACTORS_ATTESTATION_H_
#define SEKISHO_AUTHN_FACTORS_ATTESTATION_H_

#include <string_view>
#include <vector>

#include "authn/factors/attestation_object.h"
#include "authn/factors/authenticator_data.h"
#include "authn/factors/openssl_handles.h"
#include "authn/factors/webauthn_fault.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace sekisho::authn {

// What a statement speaks of.
struct AttestedCeremony {
  const AuthenticatorData& data;  // with a credential
  ByteView authenticator_data;    // the bytes of it
  Digest client_data_hash;

  const AttestedCredential& credential() const { return *data.credential; }
  // What most formats sign: both, one after the other.
  Bytes message() const;
};

// Who signed a statement.
enum class Attester { kNobody, kCredential, kCertificate };

struct SoundStatement {
  Attester attester = Attester::kNobody;
  std::vector<ByteView> chain;  // DER, the signer's first; with kCertificate
};

// kUnsupportedAttestation: a format or an algorithm we do not take.  kMalformedAttestation: its
// members are not those of the format.  kBadCertificate and kWrongModel: the certificate may not
// vouch for this key.  kBadAttestation: it does not fit what it speaks of, or nobody signed it.
Webauthn<SoundStatement> verify_statement(std::string_view format, const cbor_item_t* statement,
                                          const AttestedCeremony& ceremony);

// The formats.
Webauthn<SoundStatement> verify_packed(const AttestationStatement& statement,
                                       const AttestedCeremony& ceremony);
Webauthn<SoundStatement> verify_fido_u2f(const AttestationStatement& statement,
                                         const AttestedCeremony& ceremony);
Webauthn<SoundStatement> verify_tpm(const AttestationStatement& statement,
                                    const AttestedCeremony& ceremony);

// The certificate of whoever signed; kMalformedAttestation when one of the chain is none.
Webauthn<CertificateHandle> signer_of(const std::vector<ByteView>& chain);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_ATTESTATION_H_
