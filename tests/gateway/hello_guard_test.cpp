#include "gateway/hello_guard.h"

#include "tests/support/catch.h"

namespace sekisho::gateway {
namespace {

std::string number(std::size_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text.push_back(static_cast<char>(value >> (8 * i)));
  return text;
}

std::string record(char type, const std::string& payload) {
  return std::string(1, type) + "\x03\x01" + number(payload.size(), 2) + payload;
}

std::string message(char type, std::size_t announced, std::size_t sent) {
  return std::string(1, type) + number(announced, 3) + std::string(sent, 'x');
}

constexpr char kHandshake = 22;
constexpr char kHello = 1;
constexpr char kKeyExchange = 16;

// Whole, and byte by byte.
bool allows(const std::string& bytes) {
  HelloGuard whole;
  HelloGuard in_pieces;
  bool each = true;
  for (const char& byte : bytes) each = each && in_pieces.allows({&byte, 1});
  const bool at_once = whole.allows(bytes);
  CHECK(at_once == each);
  return at_once;
}

TEST_CASE("a hello may announce as much as any client says", "[gateway]") {
  constexpr std::size_t kMost = HelloGuard::kMostHello;
  CHECK(allows(record(kHandshake, message(kHello, 512, 512))));
  CHECK(allows(record(kHandshake, message(kHello, kMost, kMost - 100))));
  CHECK_FALSE(allows(record(kHandshake, message(kHello, kMost + 1, 0))));
  CHECK_FALSE(allows(record(kHandshake, message(kHello, 0xffffff, 1))));
}

TEST_CASE("what a hello announces is read from however many records", "[gateway]") {
  const std::string big = message(kHello, 100'000, 0);
  std::string records;
  for (const char byte : big) records += record(kHandshake, std::string(1, byte));
  CHECK_FALSE(allows(records));
  CHECK_FALSE(allows(record(kHandshake, "") + record(kHandshake, big)));
}

TEST_CASE("a second hello is read as the first, with and without what comes between", "[gateway]") {
  const std::string first = record(kHandshake, message(kHello, 300, 300));
  const std::string between = record(20, "\x01");
  const std::string second = message(kHello, 100'000, 0);
  CHECK_FALSE(allows(first + between + record(kHandshake, second)));
  CHECK_FALSE(allows(record(kHandshake, message(kHello, 300, 300) + second)));
  CHECK_FALSE(
      allows(first + record(21, "\x01\x5a") + record(23, "early") + record(kHandshake, second)));
  CHECK(allows(first + between + first));
}

TEST_CASE("what follows a hello is not taken for one", "[gateway]") {
  const std::string first = record(kHandshake, message(kHello, 300, 300));
  const std::string looks_big = message(kHello, 100'000, 0);
  CHECK(allows(first + record(20, "\x01") + record(23, looks_big)));
  CHECK(allows(first + record(kHandshake, message(kKeyExchange, 33, 33)) + record(20, "\x01") +
               record(kHandshake, looks_big)));
  CHECK(allows("GET / HTTP/1.1\r\n\r\n"));
  CHECK(allows(std::string(100'000, '\0')));
}

}  // namespace
}  // namespace sekisho::gateway
