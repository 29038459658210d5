#include "base/json_text.h"

#include "base/text.h"

namespace sekisho {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

void JsonObject::add_key(std::string_view key) {
  if (!members_.empty()) members_.push_back(',');
  members_ += json_string(key);
  members_.push_back(':');
}

JsonObject& JsonObject::add(std::string_view key, std::string_view value) {
  add_key(key);
  members_ += json_string(value);
  return *this;
}

JsonObject& JsonObject::add(std::string_view key, std::int64_t value) {
  add_key(key);
  members_ += std::to_string(value);
  return *this;
}

JsonObject& JsonObject::add_flag(std::string_view key, bool value) {
  add_key(key);
  members_ += value ? "true" : "false";
  return *this;
}

JsonObject& JsonObject::add_list(std::string_view key, std::span<const std::string> values) {
  add_key(key);
  members_.push_back('[');
  for (const std::string& value : values) {
    if (&value != values.data()) members_.push_back(',');
    members_ += json_string(value);
  }
  members_.push_back(']');
  return *this;
}

}  // namespace sekisho
