#include "authn/factors/cbor.h"

#include <algorithm>
#include <vector>

namespace sekisho::authn {
namespace {

enum Major : std::uint8_t {
  kUnsigned = 0,
  kNegative = 1,
  kByteString = 2,
  kTextString = 3,
  kArray = 4,
  kMap = 5,
  kSimple = 7,
};

// The first byte of an item, and the number that goes with it:
//
//   | major, 3 bits | 0..23: the number itself; 24..27: it follows in 1, 2, 4 or 8 bytes |
struct Head {
  std::uint8_t major = 0;
  std::uint64_t number = 0;
};

std::optional<Head> take_head(ByteView& rest) {
  if (rest.empty()) return std::nullopt;
  const std::uint8_t first = rest[0] & 0x1f;
  Head head{static_cast<std::uint8_t>(rest[0] >> 5), first};
  rest = rest.subspan(1);
  if (head.major == kSimple) {
    return first == 20 || first == 21 ? std::optional(head) : std::nullopt;  // false, true
  }
  if (first < 24) return head;
  if (first > 27) return std::nullopt;
  const std::size_t width = std::size_t{1} << (first - 24);
  if (rest.size() < width) return std::nullopt;
  head.number = 0;
  for (std::size_t i = 0; i < width; ++i) head.number = head.number << 8 | rest[i];
  rest = rest.subspan(width);
  const std::uint64_t least = width == 1 ? 24 : std::uint64_t{1} << (4 * width);
  return head.number < least ? std::nullopt : std::optional(head);
}

// Moves `rest` behind one item.  `depth` containers may still be opened, which bounds the
// recursion; no count may be larger than what is left, since an item takes a byte at least.
bool skip_item(ByteView& rest, int depth) {
  const std::optional<Head> head = take_head(rest);
  if (!head) return false;
  switch (head->major) {
    case kUnsigned:
    case kNegative:
    case kSimple:
      return true;
    case kByteString:
    case kTextString:
      if (head->number > rest.size()) return false;
      rest = rest.subspan(head->number);
      return true;
    case kArray:
    case kMap: {
      if (depth == 0 || head->number > rest.size()) return false;
      const std::uint64_t count = head->major == kMap ? 2 * head->number : head->number;
      for (std::uint64_t i = 0; i < count; ++i) {
        if (!skip_item(rest, depth - 1)) return false;
      }
      return true;
    }
    default:
      return false;
  }
}

bool is_same_name(const cbor_item_t* left, const cbor_item_t* right) {
  if (cbor_typeof(left) != cbor_typeof(right)) return false;
  if (cbor_is_int(left)) return cbor_get_int(left) == cbor_get_int(right);
  if (cbor_isa_string(left)) return text_string(left) == text_string(right);
  return true;  // two names that are neither: nothing of ours has them
}

bool has_each_name_once(const cbor_item_t* item) {
  if (cbor_isa_array(item)) {
    const std::span members(cbor_array_handle(item), cbor_array_size(item));
    return std::ranges::all_of(members, has_each_name_once);
  }
  if (!cbor_isa_map(item)) return true;
  const auto pairs = pairs_of(item);
  if (pairs.size() > 32) return false;  // bounds the comparisons; ours have six at most
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (is_same_name(pairs[i].key, pairs[j].key)) return false;
    }
    if (!has_each_name_once(pairs[i].key) || !has_each_name_once(pairs[i].value)) return false;
  }
  return true;
}

}  // namespace

CborItem take_cbor_map(ByteView& rest) {
  ByteView behind = rest;
  if (!skip_item(behind, kMaxCborDepth)) return nullptr;
  const ByteView bytes = rest.first(rest.size() - behind.size());
  cbor_load_result result{};
  CborItem item(cbor_load(bytes.data(), bytes.size(), &result));
  if (!item || result.error.code != CBOR_ERR_NONE || result.read != bytes.size() ||
      !cbor_isa_map(item.get()) || !has_each_name_once(item.get())) {
    return nullptr;
  }
  rest = behind;
  return item;
}

std::span<const cbor_pair> pairs_of(const cbor_item_t* map) {
  return {cbor_map_handle(map), cbor_map_size(map)};
}

std::optional<int> small_number(const cbor_item_t* item) {
  if (!cbor_is_int(item)) return std::nullopt;
  const std::uint64_t value = cbor_get_int(item);
  if (value > 0xffff) return std::nullopt;
  return cbor_isa_negint(item) ? -1 - static_cast<int>(value) : static_cast<int>(value);
}

std::optional<ByteView> byte_string(const cbor_item_t* item) {
  if (!cbor_isa_bytestring(item)) return std::nullopt;
  return ByteView(cbor_bytestring_handle(item), cbor_bytestring_length(item));
}

std::optional<std::string_view> text_string(const cbor_item_t* item) {
  if (!cbor_isa_string(item)) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(cbor_string_handle(item)),
                          cbor_string_length(item));
}

}  // namespace sekisho::authn
