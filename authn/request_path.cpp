#include "authn/request_path.h"

#include <algorithm>

#include "base/text.h"

namespace sekisho::authn {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What is decoded twice behind us would be another path than the one we judge.
bool holds_an_escape(std::string_view path) {
  for (std::size_t at = path.find('%'); at != path.npos; at = path.find('%', at + 1)) {
    if (at + 2 < path.size() && hex_digit(path[at + 1]) >= 0 && hex_digit(path[at + 2]) >= 0) {
      return true;
    }
  }
  return false;
}

// The path with each segment cut at its first ';'; nullopt for an empty or a dot segment.
std::optional<std::string> without_parameters(std::string_view path) {
  std::string bare;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    const std::string_view whole = path.substr(at + 1, end - at - 1);
    std::string_view segment = whole.substr(0, whole.find(';'));
    if (segment == "." || segment == "..") return std::nullopt;
    // Windows opens "admin." and "admin " as "admin".
    while (segment.ends_with('.') || segment.ends_with(' ')) segment.remove_suffix(1);
    const bool is_last = end == path.size();
    if (segment.empty() && (!is_last || !whole.substr(0, whole.find(';')).empty())) {
      return std::nullopt;
    }
    bare.append("/").append(segment);
    at = end;
  }
  return bare;
}

}  // namespace

std::optional<std::string> path_for_rules(std::string_view target) {
  const std::string_view raw = target.substr(0, target.find('?'));
  if (raw.empty() || raw.front() != '/' || raw.find('#') != raw.npos) return std::nullopt;
  std::string path;
  path.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '%') {
      if (i + 2 >= raw.size()) return std::nullopt;
      const int high = hex_digit(raw[i + 1]);
      const int low = hex_digit(raw[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      if (c == '/') return std::nullopt;
      i += 2;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\' || byte < 0x20 || byte == 0x7f) return std::nullopt;
    path.push_back(c);
  }
  if (holds_an_escape(path)) return std::nullopt;
  return without_parameters(path);
}

bool is_below(std::string_view path, std::string_view prefix) {
  if (prefix == "/") return true;
  while (prefix.size() > 1 && prefix.ends_with('/')) prefix.remove_suffix(1);
  return equals_ignoring_case(path.substr(0, prefix.size()), prefix) &&
         (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace sekisho::authn
