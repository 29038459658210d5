// A head as the simplest of readers takes it apart: what the gateway writes must be clear to it,
// too.
#ifndef SEKISHO_TESTS_FUZZ_PLAIN_HEAD_H_
#define SEKISHO_TESTS_FUZZ_PLAIN_HEAD_H_

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "gateway/http_message.h"
#include "tests/fuzz/fuzz_target.h"

namespace sekisho::testing {

struct PlainField {
  std::string_view name;
  std::string_view value;
  bool operator==(const PlainField&) const = default;
};

struct PlainHead {
  std::string_view first;  // line
  std::vector<PlainField> fields;

  std::vector<std::string_view> values(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const PlainField& field : fields) {
      if (equals_ignoring_case(field.name, name)) found.push_back(field.value);
    }
    return found;
  }
  bool has(std::string_view name) const { return !values(name).empty(); }
  // The field is there once, with this value.
  bool says(std::string_view name, std::string_view value) const {
    return values(name) == std::vector<std::string_view>{value};
  }
};

// Views into `text`, which is a whole head of ours.
inline PlainHead read_plainly(std::string_view text) {
  promise(text.find('\0') == text.npos, "a head of ours holds no NUL");
  PlainHead head;
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    promise(end != text.npos, "every line of ours ends");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 2);
    promise(lines.back().find_first_of("\r\n") == std::string_view::npos,
            "no line of ours holds another");
    promise(text.empty() == lines.back().empty(), "the empty line is the last, and there is one");
  }
  promise(lines.size() >= 2, "a first line and an empty one");
  lines.pop_back();
  head.first = lines.front();
  for (const std::string_view line : std::span(lines).subspan(1)) {
    const std::size_t colon = line.find(": ");
    promise(colon != line.npos && colon > 0, "a field of ours has a name");
    head.fields.push_back({line.substr(0, colon), line.substr(colon + 2)});
    promise(head.fields.back().name.find_first_of(" \t:") == std::string_view::npos,
            "a name is one word");
    promise(trimmed(head.fields.back().value) == head.fields.back().value,
            "nothing is left around a value");
  }
  return head;
}

inline bool begins_with(std::string_view text, std::string_view prefix) {
  return equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

inline bool is_a_cookie_of_ours(std::string_view name) {
  const std::string lower = lower_case(trimmed(name));
  return lower == "__host-sekisho" || lower == "__secure-sekisho" || lower == "__host-sekisho-form";
}

// RFC 9110 section 7.6.1, and those that nobody registered.
inline bool ends_at_the_next_hop(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kNames = {"connection",
                                                             "keep-alive",
                                                             "proxy-authenticate",
                                                             "proxy-authorization",
                                                             "te",
                                                             "proxy-connection",
                                                             "trailer",
                                                             "transfer-encoding",
                                                             "upgrade"};
  return std::ranges::find(kNames, lower_case(name)) != kNames.end();
}

// What the Connection fields of the other side name, in small letters.
inline std::vector<std::string> named_by_connection(const gateway::Fields& fields) {
  std::vector<std::string> names;
  for (const gateway::Field& field : fields.all()) {
    if (!equals_ignoring_case(field.name, "Connection")) continue;
    for (const std::string_view name : split(field.value, ',')) {
      names.push_back(lower_case(trimmed(name)));
    }
  }
  return names;
}

inline bool is_among(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, lower_case(name)) != names.end();
}

// Nobody could see the end of the body at another place (RFC 9112 section 6.3).
inline void has_one_end(const gateway::Fields& fields, int version) {
  std::vector<std::string_view> lengths;
  std::vector<std::string_view> codings;
  for (const gateway::Field& field : fields.all()) {
    if (equals_ignoring_case(field.name, "Content-Length")) lengths.push_back(field.value);
    if (equals_ignoring_case(field.name, "Transfer-Encoding")) codings.push_back(field.value);
  }
  promise(lengths.size() + codings.size() <= 1, "a length or a coding, once");
  promise(codings.empty() || (equals_ignoring_case(codings.front(), "chunked") && version == 11),
          "a coding is the one that ends by itself");
  promise(lengths.empty() || parse_unsigned(lengths.front()), "a length is a number");
}

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_FUZZ_PLAIN_HEAD_H_
