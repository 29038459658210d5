// Flat JSON objects (RFC 8259), the only shape the Terminal API uses: strings, whole numbers and
// arrays of strings; nothing nested, no member twice.
//
// Boost.JSON does the grammar; this file adds what an API between programs needs: duplicate
// members are refused rather than the last one winning, sizes are bounded, and every string is
// kept in a Secret, because some of them are.

#ifndef SEKISHO_PROTOCOL_FLAT_JSON_H_
#define SEKISHO_PROTOCOL_FLAT_JSON_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace sekisho::flat_json {

using Strings = std::vector<std::string>;
using Value = std::variant<Secret, std::int64_t, Strings>;

// The members of one object, taken one by one.  What is asked for and missing, of another type or
// outside its limits is remembered, and finish() tells; so a decoder reads as a list of members.
class Reader {
 public:
  // kInvalid when `text` is not one flat object in UTF-8 of at most `limit` bytes.
  static Result<Reader> parse(std::string_view text, std::size_t limit);

  // Strings must have at least one byte and at most `limit`.
  Secret secret(std::string_view name, std::size_t limit);
  std::string string(std::string_view name, std::size_t limit);
  std::string string_or_empty(std::string_view name, std::size_t limit);  // must be there
  std::optional<Secret> optional_secret(std::string_view name, std::size_t limit);
  std::optional<std::string> optional_string(std::string_view name, std::size_t limit);
  // Numbers from 0 to `most`.
  std::int64_t number(std::string_view name, std::int64_t most);
  std::optional<std::int64_t> optional_number(std::string_view name, std::int64_t most);
  Strings strings(std::string_view name);

  // Remembers that a member was there but holds what it may not.
  void refuse(std::string_view name, std::string_view why);

  // The first thing that was wrong, kInvalid.  `Strict` also refuses members nobody asked for:
  // requests are strict, responses may grow.
  enum class Unknown { kRefused, kIgnored };
  Result<void> finish(Unknown unknown) const;

 private:
  std::optional<Value> take(std::string_view name);

  std::map<std::string, Value, std::less<>> members_;
  std::string problem_;
};

// Writes one object.  A string that is not UTF-8 is remembered and finish() tells: JSON cannot
// carry it, and sending something else in its place would be a lie.
class Writer {
 public:
  Writer() { text_.reserve(512); }
  ~Writer() { wipe(text_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Writer& add(std::string_view name, std::string_view value);
  Writer& add(std::string_view name, std::int64_t value);
  Writer& add(std::string_view name, const Strings& values);
  Result<Secret> finish();

 private:
  void start(std::string_view name);
  void quote(std::string_view value);

  std::string text_;
  bool is_utf8_ = true;
};

}  // namespace sekisho::flat_json

#endif  // SEKISHO_PROTOCOL_FLAT_JSON_H_
