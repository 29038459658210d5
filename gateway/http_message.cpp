#include "gateway/http_message.h"

#include <algorithm>

#include "base/text.h"

namespace sekisho::gateway {

std::optional<std::string_view> Fields::find(http::field id) const {
  for (const Field& field : all()) {
    if (field.id == id) return field.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const Field& field : all()) {
    if (equals_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t Fields::count(http::field id) const {
  std::size_t count = 0;
  for (const Field& field : all()) count += field.id == id ? 1 : 0;
  return count;
}

bool is_harmless_extension(std::string_view text) {
  constexpr std::size_t kMost = 1024;
  return text.size() <= kMost && std::none_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return (byte < 0x20 && c != '\t') || byte == 0x7f;
         });
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (equals_ignoring_case(trimmed(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace sekisho::gateway
