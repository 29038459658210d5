#include "gateway/request_guard.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace sekisho::gateway {
namespace {

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

bool is_strict_head(std::string_view head) {
  if (std::memchr(head.data(), '\0', head.size()) != nullptr) return false;
  std::size_t line = 0;
  while (line < head.size()) {
    const auto* feed =
        static_cast<const char*>(std::memchr(head.data() + line, '\n', head.size() - line));
    if (feed == nullptr) return false;
    const auto end = static_cast<std::size_t>(feed - head.data());
    if (end == line || head[end - 1] != '\r') return false;
    // The only CR of the line is the one before its LF.
    if (std::memchr(head.data() + line, '\r', end - 1 - line) != nullptr) return false;
    const char first = head[line];
    if (first == ' ' || first == '\t') return false;  // obs-fold, or space before the first field
    line = end + 1;
  }
  return true;
}

bool could_begin_head(std::string_view text, std::size_t seen) {
  if (!is_letter(text.front())) return false;
  // A line that ends in a bare LF never becomes a head.
  for (std::size_t feed = text.find('\n', seen); feed != std::string_view::npos;
       feed = text.find('\n', feed + 1)) {
    if (feed == 0 || text[feed - 1] != '\r') return false;
  }
  return true;
}

bool take_origin_form(RequestHead& head) {
  constexpr std::string_view kScheme = "https://";
  if (head.target.size() < kScheme.size() ||
      !equals_ignoring_case(head.target.substr(0, kScheme.size()), kScheme)) {
    return true;
  }
  const std::string_view rest = head.target.substr(kScheme.size());
  const std::size_t slash = rest.find('/');
  const auto host = head.fields.find(http::field::host);
  if (slash == std::string_view::npos || !host) return false;
  if (!equals_ignoring_case(rest.substr(0, slash), *host)) return false;
  head.target = rest.substr(slash);
  return true;
}

bool is_sound(const ResponseHead& head) {
  std::size_t lengths = 0;
  std::size_t codings = 0;
  for (const Field& field : head.fields.all()) {
    if (field.id == http::field::content_length) {
      ++lengths;
      if (!is_number(field.value)) return false;
    } else if (field.id == http::field::transfer_encoding) {
      ++codings;
      if (!equals_ignoring_case(field.value, "chunked")) return false;
    }
  }
  return lengths + codings <= 1 && (codings == 0 || head.version == 11);
}

unsigned objection_to(const RequestHead& head) {
  if (head.version != 10 && head.version != 11) return 505;
  // Other tokens are methods to RFC 9110, but to nobody's application, and servers disagree on
  // them.  One begins with a letter, as could_begin_head wants it.
  const bool is_method =
      !head.method.empty() && is_letter(head.method.front()) &&
      std::ranges::all_of(head.method, [](char c) { return is_letter(c) || c == '-' || c == '_'; });
  if (!is_method) return 400;
  // In small letters they are other methods, but not to every application.
  if (equals_ignoring_case(head.method, "TRACE") || equals_ignoring_case(head.method, "CONNECT")) {
    return 405;
  }
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t codings = 0;
  bool is_chunked = true;
  for (const Field& field : head.fields.all()) {
    switch (field.id) {
      case http::field::host:
        ++hosts;
        break;
      case http::field::content_length:
        ++lengths;
        if (!is_number(field.value)) return 400;
        break;
      case http::field::transfer_encoding:
        ++codings;
        is_chunked = equals_ignoring_case(field.value, "chunked");
        break;
      default:
        break;
    }
  }
  if (hosts != 1 || lengths > 1 || codings > 1) return 400;
  if (codings == 1 && (lengths == 1 || head.version == 10)) return 400;
  if (!is_chunked) return 501;
  const bool is_origin_form =
      head.target.starts_with('/') || (head.target == "*" && head.verb == http::verb::options);
  if (!is_origin_form) return 400;
  const bool has_foreign_bytes = std::any_of(head.target.begin(), head.target.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte >= 0x7f || c == '#';
  });
  return has_foreign_bytes ? 400 : 0;
}

}  // namespace sekisho::gateway
