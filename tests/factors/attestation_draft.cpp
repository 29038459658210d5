#include "tests/factors/attestation_draft.h"

#include "authn/factors/attestation_object.h"

namespace sekisho::testing {
namespace {

Bytes head(std::uint8_t major, std::size_t number) {
  const auto first = static_cast<std::uint8_t>(major << 5);
  const auto low = static_cast<std::uint8_t>(number);
  const auto high = static_cast<std::uint8_t>(number >> 8);
  if (number < 24) return {static_cast<std::uint8_t>(first | number)};
  if (number < 256) return {static_cast<std::uint8_t>(first | 24), low};
  return {static_cast<std::uint8_t>(first | 25), high, low};
}

void append(Bytes& to, ByteView what) {
  to.insert(to.end(), what.begin(), what.end());
}

std::optional<Bytes> copied(const std::optional<ByteView>& view) {
  return view ? std::optional(copy_of(*view)) : std::nullopt;
}

}  // namespace

Bytes cbor_number(int value) {
  return value >= 0 ? head(0, static_cast<std::size_t>(value))
                    : head(1, static_cast<std::size_t>(-1 - value));
}

Bytes cbor_bytes(ByteView bytes) {
  Bytes item = head(2, bytes.size());
  append(item, bytes);
  return item;
}

Bytes cbor_text(std::string_view text) {
  Bytes item = head(3, text.size());
  append(item, as_bytes(text));
  return item;
}

Bytes cbor_array(const std::vector<Bytes>& items) {
  Bytes item = head(4, items.size());
  for (const Bytes& member : items) append(item, member);
  return item;
}

Bytes cbor_map(const std::vector<std::pair<std::string, Bytes>>& members) {
  Bytes item = head(5, members.size());
  for (const auto& [name, value] : members) {
    append(item, cbor_text(name));
    append(item, value);
  }
  return item;
}

AttestationDraft::AttestationDraft(ByteView bytes) {
  const auto object = authn::read_attestation_object(bytes).value();
  format = object.format;
  auth_data = copy_of(object.authenticator_data);
  const auto statement = authn::read_attestation_statement(object.statement);
  if (!statement) return;  // of a format we do not know
  algorithm = statement->algorithm;
  signature = copied(statement->signature);
  cert_info = copied(statement->cert_info);
  pub_area = copied(statement->pub_area);
  if (statement->version) version = std::string(*statement->version);
  if (!statement->certificates) return;
  certificates.emplace();
  for (const ByteView der : *statement->certificates) certificates->push_back(copy_of(der));
}

Bytes AttestationDraft::encoded() const {
  std::vector<std::pair<std::string, Bytes>> statement;
  if (algorithm) statement.emplace_back("alg", cbor_number(*algorithm));
  if (signature) statement.emplace_back("sig", cbor_bytes(*signature));
  if (version) statement.emplace_back("ver", cbor_text(*version));
  if (certificates) {
    std::vector<Bytes> items;
    for (const Bytes& der : *certificates) items.push_back(cbor_bytes(der));
    statement.emplace_back("x5c", cbor_array(items));
  }
  if (pub_area) statement.emplace_back("pubArea", cbor_bytes(*pub_area));
  if (cert_info) statement.emplace_back("certInfo", cbor_bytes(*cert_info));
  statement.insert(statement.end(), more_in_statement.begin(), more_in_statement.end());
  std::vector<std::pair<std::string, Bytes>> object = {{"fmt", cbor_text(format)},
                                                       {"attStmt", cbor_map(statement)},
                                                       {"authData", cbor_bytes(auth_data)}};
  object.insert(object.end(), more_in_object.begin(), more_in_object.end());
  return cbor_map(object);
}

}  // namespace sekisho::testing
