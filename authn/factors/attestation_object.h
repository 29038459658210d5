// The attestation object of a new credential (WebAuthn Level 3 section 6.5), put together from what
// the key answered.

#ifndef SEKISHO_AUTHN_FACTORS_ATTESTATION_OBJECT_H_
#define SEKISHO_AUTHN_FACTORS_ATTESTATION_OBJECT_H_

#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace sekisho::authn {

// As a browser hands it over: a map of "fmt", "attStmt" (CBOR already) and "authData", in this
// order.  nullopt when `statement` is not one whole CBOR map.
std::optional<Bytes> attestation_object(std::string_view format, ByteView statement,
                                        ByteView authenticator_data);

// The level of credProtect (CTAP 2.1 section 12.1) the key says it gave the credential in
// `authenticator_data`; 0 when it says nothing, or nothing that can be read.
int protection_level(ByteView authenticator_data);

// What a CBOR byte string holds; libfido2 hands authenticator data over so wrapped.
std::optional<Bytes> unwrapped_bytes(ByteView cbor);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_ATTESTATION_OBJECT_H_
