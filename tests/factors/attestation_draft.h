// An attestation object taken apart, so that a test can spoil one thing and write it again.
#ifndef SEKISHO_TESTS_FACTORS_ATTESTATION_DRAFT_H_
#define SEKISHO_TESTS_FACTORS_ATTESTATION_DRAFT_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace sekisho::testing {

struct AttestationDraft {
  // `bytes` must be sound.
  explicit AttestationDraft(ByteView bytes);

  std::string format;
  Bytes auth_data;
  std::optional<int> algorithm;
  std::optional<Bytes> signature;
  std::optional<std::vector<Bytes>> certificates;
  std::optional<std::string> version;
  std::optional<Bytes> cert_info;
  std::optional<Bytes> pub_area;
  // More members, whose values are CBOR already.
  std::vector<std::pair<std::string, Bytes>> more_in_statement;
  std::vector<std::pair<std::string, Bytes>> more_in_object;

  Bytes encoded() const;
};

// One item of CBOR.
Bytes cbor_number(int value);
Bytes cbor_bytes(ByteView bytes);
Bytes cbor_text(std::string_view text);
Bytes cbor_array(const std::vector<Bytes>& items);
Bytes cbor_map(const std::vector<std::pair<std::string, Bytes>>& members);

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_FACTORS_ATTESTATION_DRAFT_H_
