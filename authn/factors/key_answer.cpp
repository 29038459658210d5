#include "authn/factors/key_answer.h"

#include <cbor.h>

#include <memory>

namespace sekisho::authn {
namespace {

// WebAuthn Level 3 section 6.1: the head, then aaguid, the length of the id in two bytes, the id,
// the public key, and the extensions when this flag is set.
constexpr std::size_t kFlags = 32;
constexpr std::size_t kIdLength = 53;
constexpr std::uint8_t kAttested = 0x40;
constexpr std::uint8_t kExtended = 0x80;

// Major types of RFC 8949 section 3.
constexpr std::uint8_t kByteString = 2;
constexpr std::uint8_t kText = 3;
constexpr std::uint8_t kMap = 5;
constexpr std::size_t kLongest = 0xffff;  // of what put_head can announce

struct FreeItem {
  void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using Item = std::unique_ptr<cbor_item_t, FreeItem>;

// One item at the front of `rest`, which moves behind it; nullptr when there is none.
Item take_item(ByteView& rest) {
  cbor_load_result result{};
  Item item(cbor_load(rest.data(), rest.size(), &result));
  if (!item || result.error.code != CBOR_ERR_NONE) return nullptr;
  rest = rest.subspan(result.read);
  return item;
}

bool is_text(const cbor_item_t* item, std::string_view text) {
  return cbor_isa_string(item) && cbor_string_is_definite(item) &&
         as_text({cbor_string_handle(item), cbor_string_length(item)}) == text;
}

// The head of an item: its major type and its length, at most kLongest.
void put_head(Bytes& out, std::uint8_t major, std::size_t length) {
  const auto high = static_cast<std::uint8_t>(major << 5);
  const auto byte = [&](int shift) { out.push_back(static_cast<std::uint8_t>(length >> shift)); };
  if (length < 24) {
    out.push_back(static_cast<std::uint8_t>(high | length));
  } else if (length < 0x100) {
    out.push_back(high | 24);
    byte(0);
  } else {
    out.push_back(high | 25);
    byte(8);
    byte(0);
  }
}

void put_bytes(Bytes& out, std::uint8_t major, ByteView content) {
  put_head(out, major, content.size());
  out.insert(out.end(), content.begin(), content.end());
}

}  // namespace

std::optional<Bytes> attestation_object_of(std::string_view format, ByteView statement,
                                           ByteView authenticator_data) {
  if (statement.empty() || statement[0] >> 5 != kMap) return std::nullopt;
  if (format.size() > kLongest || authenticator_data.size() > kLongest) return std::nullopt;
  Bytes out;
  put_head(out, kMap, 3);
  put_bytes(out, kText, as_bytes("fmt"));
  put_bytes(out, kText, as_bytes(format));
  put_bytes(out, kText, as_bytes("attStmt"));
  out.insert(out.end(), statement.begin(), statement.end());
  put_bytes(out, kText, as_bytes("authData"));
  put_bytes(out, kByteString, authenticator_data);
  return out;
}

int protection_level(ByteView data) {
  if (data.size() < kIdLength + 2) return 0;
  if ((data[kFlags] & kAttested) == 0 || (data[kFlags] & kExtended) == 0) return 0;
  const std::size_t id = static_cast<std::size_t>(data[kIdLength]) << 8 | data[kIdLength + 1];
  if (data.size() - kIdLength - 2 < id) return 0;
  ByteView rest = data.subspan(kIdLength + 2 + id);
  if (!take_item(rest)) return 0;
  const Item extensions = take_item(rest);
  if (!extensions || !cbor_isa_map(extensions.get())) return 0;
  for (std::size_t i = 0; i < cbor_map_size(extensions.get()); ++i) {
    const cbor_pair& pair = cbor_map_handle(extensions.get())[i];
    if (is_text(pair.key, "credProtect") && cbor_isa_uint(pair.value) &&
        cbor_get_int(pair.value) <= 3) {
      return static_cast<int>(cbor_get_int(pair.value));
    }
  }
  return 0;
}

std::optional<Bytes> unwrapped_bytes(ByteView cbor) {
  if (cbor.empty() || cbor[0] >> 5 != kByteString) return std::nullopt;
  const unsigned small = cbor[0] & 31;
  const std::size_t more = small < 24 ? 0 : std::size_t{1} << (small - 24);
  if (small > 25 || cbor.size() < 1 + more) return std::nullopt;  // longer than any message
  std::size_t length = more == 0 ? small : 0;
  for (const std::uint8_t byte : cbor.subspan(1, more)) length = length << 8 | byte;
  const ByteView content = cbor.subspan(1 + more);
  if (content.size() != length) return std::nullopt;
  return copy_of(content);
}

}  // namespace sekisho::authn
