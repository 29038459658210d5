// CBOR of a stranger takes no more room than it has bytes, and has one form.

#include "authn/factors/cbor.h"

#include "tests/factors/attestation_draft.h"
#include "tests/support/catch.h"

namespace sekisho::authn {
namespace {

using testing::cbor_array;
using testing::cbor_bytes;
using testing::cbor_map;
using testing::cbor_number;
using testing::cbor_text;

bool is_taken(const Bytes& bytes) {
  ByteView rest(bytes);
  const CborItem item = take_cbor_map(rest);
  CHECK(rest.size() == (item ? 0 : bytes.size()));
  return item != nullptr;
}

Bytes map_of(const Bytes& value) {
  return cbor_map({{"a", value}});
}

TEST_CASE("a head that announces more than there is takes no room", "[factors][cbor]") {
  for (const int major : {0x40, 0x60, 0x80, 0xa0}) {
    for (const int width : {24, 25, 26, 27}) {
      Bytes large(1 + (std::size_t{1} << (width - 24)), 0xff);
      large[0] = static_cast<std::uint8_t>(major | width);
      CHECK_FALSE(is_taken(large));
      CHECK_FALSE(is_taken(map_of(large)));
    }
  }
  CHECK_FALSE(is_taken({0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0}));  // twice 2^63 is nothing in 64 bits
}

TEST_CASE("containers more than four deep are refused", "[factors][cbor]") {
  CHECK(is_taken(map_of(cbor_array({cbor_array({cbor_array({})})}))));
  CHECK_FALSE(is_taken(map_of(cbor_array({cbor_array({cbor_array({cbor_array({})})})}))));
  CHECK_FALSE(is_taken(Bytes(100'000, 0x81)));
  CHECK_FALSE(is_taken(Bytes(100'000, 0xc1)));
}

TEST_CASE("there is one way to write a value", "[factors][cbor]") {
  for (const Bytes& value : std::vector<Bytes>{{0x18, 0x17},
                                               {0x19, 0x00, 0xff},
                                               {0x1a, 0, 0, 0xff, 0xff},
                                               {0x38, 0x00},
                                               {0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff},
                                               {0x58, 0x01, 0x00},
                                               {0x78, 0x01, 'a'}}) {
    CHECK_FALSE(is_taken(map_of(value)));
  }
  for (const Bytes& value : std::vector<Bytes>{
           {0x18, 0x18}, {0x19, 0x01, 0x00}, {0x1a, 0, 1, 0, 0}, {0x38, 0x18}, {0xf4}, {0xf5}}) {
    CHECK(is_taken(map_of(value)));
  }
}

TEST_CASE("indefinite lengths, tags, floats and odd simple values are refused", "[factors][cbor]") {
  for (const Bytes& value : std::vector<Bytes>{{0x5f, 0xff},
                                               {0x7f, 0xff},
                                               {0x9f, 0xff},
                                               {0xbf, 0xff},
                                               {0xc0, 0x60},
                                               {0xf6},
                                               {0xf7},
                                               {0xf8, 0x20},
                                               {0xf9, 0, 0},
                                               {0xff},
                                               {0x1c}}) {
    CHECK_FALSE(is_taken(map_of(value)));
  }
  CHECK_FALSE(is_taken({0xbf, 0xff}));
}

TEST_CASE("a name twice in a map is refused, wherever the map is", "[factors][cbor]") {
  const Bytes twice = cbor_map({{"a", cbor_number(1)}, {"a", cbor_number(1)}});
  CHECK_FALSE(is_taken(twice));
  CHECK_FALSE(is_taken(map_of(twice)));
  CHECK_FALSE(is_taken(map_of(cbor_array({twice}))));
  CHECK_FALSE(is_taken({0xa2, 0x01, 0x00, 0x01, 0x00}));
  CHECK(is_taken({0xa2, 0x01, 0x00, 0x20, 0x00}));         // 1 and -1
  CHECK(is_taken({0xa2, 0x41, 'a', 0x00, 0x61, 'a', 0}));  // bytes and text
}

TEST_CASE("a map of more than 32 members is refused", "[factors][cbor]") {
  std::vector<std::pair<std::string, Bytes>> members;
  for (int i = 0; i < 32; ++i) members.emplace_back(std::to_string(i), cbor_number(i));
  CHECK(is_taken(cbor_map(members)));
  members.emplace_back("32", cbor_number(32));
  CHECK_FALSE(is_taken(cbor_map(members)));
}

TEST_CASE("only a map is taken, and what follows it is left", "[factors][cbor]") {
  CHECK_FALSE(is_taken({}));
  CHECK_FALSE(is_taken(cbor_number(1)));
  CHECK_FALSE(is_taken(cbor_array({cbor_map({})})));
  const Bytes two = {0xa0, 0xa0};
  ByteView rest(two);
  CHECK(take_cbor_map(rest));
  CHECK(rest.size() == 1);
}

TEST_CASE("a value of another kind is none", "[factors][cbor]") {
  const Bytes bytes = cbor_map({{"number", cbor_number(-65536)},
                                {"large", {0x1a, 0, 1, 0, 0}},
                                {"bytes", cbor_bytes(Bytes(3))},
                                {"text", cbor_text("a")}});
  ByteView rest(bytes);
  const CborItem item = take_cbor_map(rest);
  REQUIRE(item);
  const auto members = pairs_of(item.get());
  CHECK(small_number(members[0].value) == -65536);
  CHECK_FALSE(small_number(members[1].value));
  CHECK_FALSE(small_number(members[3].value));
  CHECK(byte_string(members[2].value)->size() == 3);
  CHECK_FALSE(byte_string(members[3].value));
  CHECK(text_string(members[3].value) == "a");
  CHECK_FALSE(text_string(members[2].value));
}

}  // namespace
}  // namespace sekisho::authn
