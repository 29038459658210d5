// CBOR as CTAP 2 uses it (RFC 8949; CTAP 2.1 section 8), apart from the product's: the software key
// must not share its mistakes.
#ifndef SEKISHO_TESTS_SUPPORT_CBOR_VALUE_H_
#define SEKISHO_TESTS_SUPPORT_CBOR_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace sekisho::testing {

struct Cbor {
  using Array = std::vector<Cbor>;
  using Map = std::vector<std::pair<Cbor, Cbor>>;
  std::variant<std::int64_t, bool, Bytes, std::string, Array, Map> value;

  Cbor() : value(std::int64_t{0}) {}
  Cbor(int number) : value(std::int64_t{number}) {}
  Cbor(std::int64_t number) : value(number) {}
  Cbor(std::size_t number) : value(static_cast<std::int64_t>(number)) {}
  Cbor(bool truth) : value(truth) {}
  Cbor(Bytes bytes) : value(std::move(bytes)) {}
  Cbor(const char* text) : value(std::string(text)) {}
  Cbor(std::string text) : value(std::move(text)) {}
  Cbor(Array items) : value(std::move(items)) {}
  Cbor(Map members) : value(std::move(members)) {}

  bool operator==(const Cbor&) const = default;

  // nullptr when it is of another kind.
  template <typename T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
  // The member of a map; nullptr when there is none, or this is no map.
  const Cbor* find(const Cbor& key) const;
  template <typename T>
  const T* find_as(const Cbor& key) const {
    const Cbor* member = find(key);
    return member == nullptr ? nullptr : member->as<T>();
  }
  bool is_true(const char* option) const;
};

// Maps in CTAP's canonical order, whatever order they have here.
Bytes encoded(const Cbor& value);

// The one item `bytes` holds; nullopt when it is malformed, outside the subset above, or when
// bytes are left over, unless `rest` is given to receive them.
std::optional<Cbor> decoded(ByteView bytes, ByteView* rest = nullptr);

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_CBOR_VALUE_H_
