// What a key answered, taken from libfido2 and put into the forms of WebAuthn.

#ifndef SEKISHO_AUTHN_FACTORS_KEY_ANSWER_H_
#define SEKISHO_AUTHN_FACTORS_KEY_ANSWER_H_

#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace sekisho::authn {

// The attestation object (WebAuthn Level 3 section 6.5), as a browser hands it over: a map of
// "fmt", "attStmt" and "authData", in this order.  `statement` is CBOR already.  nullopt when the
// statement is no map, or a part has more than 65535 bytes.
std::optional<Bytes> attestation_object_of(std::string_view format, ByteView statement,
                                           ByteView authenticator_data);

// The level of credProtect (CTAP 2.1 section 12.1) the key says it gave the credential in
// `authenticator_data`; 0 when it says nothing, or nothing that can be read.
int protection_level(ByteView authenticator_data);

// What a CBOR byte string holds; libfido2 hands authenticator data over so wrapped.
std::optional<Bytes> unwrapped_bytes(ByteView cbor);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_KEY_ANSWER_H_
