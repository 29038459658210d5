// Writing one flat JSON object, for log lines, audit details and claims.  Reading JSON is Boost's
// work.

#ifndef SEKISHO_BASE_JSON_TEXT_H_
#define SEKISHO_BASE_JSON_TEXT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sekisho {

// `text` as a JSON string with its quotes.  Control characters are escaped and invalid UTF-8 is
// shown as \\xNN, so that what comes out is always valid JSON on one line.
std::string json_string(std::string_view text);

// Collects members in the order they are added.
class JsonObject {
 public:
  JsonObject& add(std::string_view key, std::string_view value);
  JsonObject& add(std::string_view key, const char* value) {
    return add(key, std::string_view(value));
  }
  JsonObject& add(std::string_view key, std::int64_t value);
  JsonObject& add_flag(std::string_view key, bool value);
  JsonObject& add_list(std::string_view key, std::span<const std::string> values);
  std::string text() const { return "{" + members_ + "}"; }
  bool empty() const { return members_.empty(); }

 private:
  void add_key(std::string_view key);
  std::string members_;
};

}  // namespace sekisho

#endif  // SEKISHO_BASE_JSON_TEXT_H_
