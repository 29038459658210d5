// CBOR from a stranger (RFC 8949), read by libcbor once its size is known to be bounded.
//
// libcbor makes room for as many items as a header announces: five bytes are enough to take 2 GiB.
// So the heads are walked first, without making room for anything.  Only what CTAP 2's canonical
// form has is let through (CTAP 2.1 section 8): definite lengths, shortest heads, integers,
// strings, arrays, maps and booleans, nested four deep.

#ifndef SEKISHO_AUTHN_FACTORS_CBOR_H_
#define SEKISHO_AUTHN_FACTORS_CBOR_H_

#include <cbor.h>

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace sekisho::authn {

struct FreeCborItem {
  void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using CborItem = std::unique_ptr<cbor_item_t, FreeCborItem>;

inline constexpr int kMaxCborDepth = 4;

// The map at the front of `rest`, which moves behind it; nullptr when there is none that is
// canonical, or a name is in one of its maps twice.
CborItem take_cbor_map(ByteView& rest);

std::span<const cbor_pair> pairs_of(const cbor_item_t* map);

// What an item holds; nullopt when it is of another kind.  The views end with the item.
std::optional<int> small_number(const cbor_item_t* item);  // -65536..65535
std::optional<ByteView> byte_string(const cbor_item_t* item);
std::optional<std::string_view> text_string(const cbor_item_t* item);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_CBOR_H_
