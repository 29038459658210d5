// The certificates with which a maker vouches for its keys: what sections 8.2.1 (packed) and
// 8.3.1 (tpm) of WebAuthn Level 3 demand of them.  Who issued them is for trust_anchors.h.

#ifndef SEKISHO_AUTHN_FACTORS_ATTESTATION_CERTIFICATE_H_
#define SEKISHO_AUTHN_FACTORS_ATTESTATION_CERTIFICATE_H_

#include "authn/factors/openssl_handles.h"
#include "base/bytes.h"

namespace sekisho::authn {

// nullptr unless the bytes are one certificate in DER, with a public key, and nothing more.
CertificateHandle read_certificate(ByteView der);

// Section 8.2.1: version 3; a subject of C, O, CN and OU "Authenticator Attestation"; no CA.
bool is_packed_attestation_certificate(X509* certificate);

// Section 8.3.1: version 3; an empty subject and the TPM's maker, model and version as an
// alternative name; for attestation keys (2.23.133.8.3); no CA.
bool is_tpm_attestation_certificate(X509* certificate);

// Whether the certificate is bound to a model of key (the extension id-fido-gen-ce-aaguid) that is
// not `aaguid`'s, or bound in a way nobody may rely on: critical, twice or malformed.
bool is_for_another_model(X509* certificate, ByteView aaguid);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_ATTESTATION_CERTIFICATE_H_
