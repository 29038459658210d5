#include "tests/support/cbor_value.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace sekisho::testing {
namespace {

constexpr int kDeepest = 8;

void put_head(Bytes& out, unsigned major, std::uint64_t number) {
  const auto high = static_cast<std::uint8_t>(major << 5);
  int bytes = 0;
  if (number < 24) {
    out.push_back(static_cast<std::uint8_t>(high | number));
  } else if (number < 0x100) {
    out.push_back(high | 24);
    bytes = 1;
  } else if (number < 0x10000) {
    out.push_back(high | 25);
    bytes = 2;
  } else if (number < 0x100000000) {
    out.push_back(high | 26);
    bytes = 4;
  } else {
    out.push_back(high | 27);
    bytes = 8;
  }
  for (int i = bytes; i-- > 0;) out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

void append(Bytes& out, ByteView more) {
  out.insert(out.end(), more.begin(), more.end());
}

struct Writer {
  Bytes& out;

  void operator()(std::int64_t number) const {
    if (number < 0) {
      put_head(out, 1, static_cast<std::uint64_t>(-1 - number));
    } else {
      put_head(out, 0, static_cast<std::uint64_t>(number));
    }
  }
  void operator()(bool truth) const { out.push_back(truth ? 0xf5 : 0xf4); }
  void operator()(const Bytes& bytes) const {
    put_head(out, 2, bytes.size());
    append(out, bytes);
  }
  void operator()(const std::string& text) const {
    put_head(out, 3, text.size());
    append(out, as_bytes(text));
  }
  void operator()(const Cbor::Array& items) const {
    put_head(out, 4, items.size());
    for (const Cbor& item : items) append(out, encoded(item));
  }
  void operator()(const Cbor::Map& members) const {
    std::vector<std::pair<Bytes, Bytes>> sorted;
    for (const auto& [key, value] : members) sorted.emplace_back(encoded(key), encoded(value));
    // By kind, then the shorter, then the lower.
    std::ranges::sort(sorted, {}, [](const auto& member) {
      return std::tuple(member.first[0] >> 5, member.first.size(), member.first);
    });
    put_head(out, 5, members.size());
    for (const auto& [key, value] : sorted) {
      append(out, key);
      append(out, value);
    }
  }
};

class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}
  ByteView rest() const { return rest_; }

  std::optional<Cbor> item(int depth) {
    if (rest_.empty() || depth > kDeepest) return std::nullopt;
    const unsigned major = rest_[0] >> 5;
    const unsigned small = rest_[0] & 31;
    rest_ = rest_.subspan(1);
    if (major == 7) {
      if (small != 20 && small != 21) return std::nullopt;
      return Cbor(small == 21);
    }
    const std::optional<std::uint64_t> number = argument(small);
    if (!number || *number > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
    const auto count = static_cast<std::int64_t>(*number);
    switch (major) {
      case 0:
        return Cbor(count);
      case 1:
        return Cbor(-1 - count);
      case 2:
      case 3:
        return text(major, *number);
      case 4:
        return array(*number, depth);
      case 5:
        return map(*number, depth);
      default:
        return std::nullopt;
    }
  }

 private:
  std::optional<std::uint64_t> argument(unsigned small) {
    if (small < 24) return small;
    if (small > 27) return std::nullopt;
    const std::size_t bytes = std::size_t{1} << (small - 24);
    if (rest_.size() < bytes) return std::nullopt;
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes; ++i) number = number << 8 | rest_[i];
    rest_ = rest_.subspan(bytes);
    return number;
  }

  std::optional<Cbor> text(unsigned major, std::size_t size) {
    if (rest_.size() < size) return std::nullopt;
    const ByteView content = rest_.first(size);
    rest_ = rest_.subspan(size);
    return major == 2 ? Cbor(copy_of(content)) : Cbor(std::string(as_text(content)));
  }

  std::optional<Cbor> array(std::size_t count, int depth) {
    Cbor::Array items;
    for (std::size_t i = 0; i < count; ++i) {
      std::optional<Cbor> one = item(depth + 1);
      if (!one) return std::nullopt;
      items.push_back(std::move(*one));
    }
    return Cbor(std::move(items));
  }

  std::optional<Cbor> map(std::size_t count, int depth) {
    Cbor::Map members;
    for (std::size_t i = 0; i < count; ++i) {
      std::optional<Cbor> key = item(depth + 1);
      std::optional<Cbor> value = key ? item(depth + 1) : std::nullopt;
      if (!value) return std::nullopt;
      members.emplace_back(std::move(*key), std::move(*value));
    }
    return Cbor(std::move(members));
  }

  ByteView rest_;
};

}  // namespace

const Cbor* Cbor::find(const Cbor& key) const {
  const Map* members = as<Map>();
  if (members == nullptr) return nullptr;
  for (const auto& [name, member] : *members) {
    if (name == key) return &member;
  }
  return nullptr;
}

bool Cbor::is_true(const char* option) const {
  const bool* truth = find_as<bool>(option);
  return truth != nullptr && *truth;
}

Bytes encoded(const Cbor& value) {
  Bytes out;
  std::visit(Writer{out}, value.value);
  return out;
}

std::optional<Cbor> decoded(ByteView bytes, ByteView* rest) {
  Reader reader(bytes);
  std::optional<Cbor> value = reader.item(0);
  if (rest != nullptr) {
    *rest = reader.rest();
  } else if (!reader.rest().empty()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace sekisho::testing
