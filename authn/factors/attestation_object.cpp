#include "authn/factors/attestation_object.h"

namespace sekisho::authn {
namespace {

std::unexpected<WebauthnFault> malformed() {
  return std::unexpected(WebauthnFault::kMalformedAttestation);
}

std::optional<std::vector<ByteView>> chain(const cbor_item_t* item) {
  if (!cbor_isa_array(item)) return std::nullopt;
  const std::span members(cbor_array_handle(item), cbor_array_size(item));
  if (members.empty() || members.size() > kMaxAttestationChain) return std::nullopt;
  std::vector<ByteView> certificates;
  for (const cbor_item_t* member : members) {
    const std::optional<ByteView> der = byte_string(member);
    if (!der) return std::nullopt;
    certificates.push_back(*der);
  }
  return certificates;
}

// False for a name we do not know and for a value of the wrong kind.
bool take_member(AttestationStatement& statement, std::string_view name, const cbor_item_t* value) {
  if (name == "alg") return (statement.algorithm = small_number(value)).has_value();
  if (name == "sig") return (statement.signature = byte_string(value)).has_value();
  if (name == "x5c") return (statement.certificates = chain(value)).has_value();
  if (name == "ver") return (statement.version = text_string(value)).has_value();
  if (name == "certInfo") return (statement.cert_info = byte_string(value)).has_value();
  if (name == "pubArea") return (statement.pub_area = byte_string(value)).has_value();
  return false;
}

}  // namespace

Webauthn<AttestationObject> read_attestation_object(ByteView bytes) {
  AttestationObject object;
  object.root = take_cbor_map(bytes);
  if (!object.root || !bytes.empty()) return malformed();
  const auto members = pairs_of(object.root.get());
  // With no name twice, three members that are all ours are all of ours.
  if (members.size() != 3) return malformed();
  for (const cbor_pair& member : members) {
    const std::optional<std::string_view> name = text_string(member.key);
    if (name == "fmt" && cbor_isa_string(member.value)) {
      object.format = *text_string(member.value);
    } else if (name == "authData" && cbor_isa_bytestring(member.value)) {
      object.authenticator_data = *byte_string(member.value);
    } else if (name == "attStmt" && cbor_isa_map(member.value)) {
      object.statement = member.value;
    } else {
      return malformed();
    }
  }
  return object;
}

Webauthn<AttestationStatement> read_attestation_statement(const cbor_item_t* statement) {
  AttestationStatement read;
  for (const cbor_pair& member : pairs_of(statement)) {
    const std::optional<std::string_view> name = text_string(member.key);
    if (!name || !take_member(read, *name, member.value)) return malformed();
  }
  return read;
}

}  // namespace sekisho::authn
