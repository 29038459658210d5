#include "protocol/flat_json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <cstdio>
#include <limits>
#include <utility>

#include "base/text.h"

namespace sekisho::flat_json {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxMembers = 32;
constexpr std::size_t kMaxItems = 32;

// Receives what the parser reads (basic_parser's Handler).  Everything that is not flat ends the
// parse with an error.  Names are Boost.JSON's.
struct Collector {
  constexpr static std::size_t max_object_size = kMaxMembers;
  constexpr static std::size_t max_array_size = kMaxItems;
  constexpr static std::size_t max_key_size = kMaxName;
  constexpr static std::size_t max_string_size = 65536;

  std::map<std::string, Value, std::less<>> members;
  std::string name;
  std::string text;  // the string being read
  Strings items;
  bool inside = false;
  bool in_array = false;
  const char* problem = nullptr;

  ~Collector() { wipe(text); }

  bool refuse(json::error_code& ec, const char* why) {
    problem = why;
    ec = json::error::syntax;
    return false;
  }
  bool keep(Value value, json::error_code& ec) {
    if (!inside) return refuse(ec, "not an object");
    if (in_array) return refuse(ec, "an array of anything but strings");
    if (!members.emplace(std::move(name), std::move(value)).second) {
      return refuse(ec, "a member twice");
    }
    name.clear();
    return true;
  }
  void collect(json::string_view part) {
    if (text.capacity() < text.size() + part.size()) {
      // Grown by hand: std::string would leave the old bytes behind.
      std::string larger;
      larger.reserve(2 * (text.size() + part.size()));
      larger = text;
      wipe(text);
      text = std::move(larger);
    }
    text.append(part.data(), part.size());
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& ec) {
    if (inside) return refuse(ec, "an object inside");
    inside = true;
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) { return true; }
  bool on_array_begin(json::error_code& ec) {
    if (!inside || in_array) return refuse(ec, "an array in the wrong place");
    in_array = true;
    items.clear();
    return true;
  }
  bool on_array_end(std::size_t, json::error_code& ec) {
    in_array = false;
    return keep(std::move(items), ec);
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    name.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    name.append(part.data(), part.size());
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    collect(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code& ec) {
    collect(part);
    bool kept = true;
    if (in_array) {
      items.push_back(text);
    } else {
      kept = keep(Secret(std::string_view(text)), ec);
    }
    wipe(text);
    return kept;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, json::error_code& ec) {
    return keep(value, ec);
  }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) {
    return refuse(ec, "a number out of range");
  }
  bool on_double(double, json::string_view, json::error_code& ec) {
    return refuse(ec, "a number that is not whole");
  }
  bool on_bool(bool, json::error_code& ec) { return refuse(ec, "a boolean"); }
  bool on_null(json::error_code& ec) { return refuse(ec, "a null"); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

}  // namespace

Result<Reader> Reader::parse(std::string_view text, std::size_t limit) {
  if (text.size() > limit) return fail(ErrorCode::kInvalid, "the body is too long");
  if (!is_utf8(text)) return fail(ErrorCode::kInvalid, "the body is not UTF-8");
  json::parse_options options;
  options.max_depth = 2;
  json::basic_parser<Collector> parser(options);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  const Collector& collected = parser.handler();
  if (ec || used != text.size() || !parser.done()) {
    const char* why = collected.problem != nullptr ? collected.problem : "not well-formed";
    return fail(ErrorCode::kInvalid, std::string("the body is not a flat JSON object: ") + why);
  }
  Reader reader;
  reader.members_ = std::move(parser.handler().members);
  return reader;
}

std::optional<Value> Reader::take(std::string_view name) {
  const auto found = members_.find(name);
  if (found == members_.end()) return std::nullopt;
  Value value = std::move(found->second);
  members_.erase(found);
  return value;
}

void Reader::refuse(std::string_view name, std::string_view why) {
  if (problem_.empty()) problem_ = "\"" + std::string(name) + "\" " + std::string(why);
}

std::optional<Secret> Reader::optional_secret(std::string_view name, std::size_t limit) {
  std::optional<Value> value = take(name);
  if (!value) return std::nullopt;
  Secret* const text = std::get_if<Secret>(&*value);
  if (text == nullptr) {
    refuse(name, "is not a string");
    return std::nullopt;
  }
  if (text->size() > limit) {
    refuse(name, "is too long");
    return std::nullopt;
  }
  return std::move(*text);
}

Secret Reader::secret(std::string_view name, std::size_t limit) {
  std::optional<Secret> value = optional_secret(name, limit);
  if (!value || value->empty()) refuse(name, "is missing");
  return value ? std::move(*value) : Secret();
}

std::optional<std::string> Reader::optional_string(std::string_view name, std::size_t limit) {
  const std::optional<Secret> value = optional_secret(name, limit);
  if (!value) return std::nullopt;
  return std::string(value->reveal_text());
}

std::string Reader::string_or_empty(std::string_view name, std::size_t limit) {
  std::optional<std::string> value = optional_string(name, limit);
  if (!value) refuse(name, "is missing");
  return value.value_or("");
}

std::string Reader::string(std::string_view name, std::size_t limit) {
  std::string value = string_or_empty(name, limit);
  if (value.empty()) refuse(name, "is empty");
  return value;
}

std::optional<std::int64_t> Reader::optional_number(std::string_view name, std::int64_t most) {
  const std::optional<Value> value = take(name);
  if (!value) return std::nullopt;
  const std::int64_t* const number = std::get_if<std::int64_t>(&*value);
  if (number == nullptr || *number < 0 || *number > most) {
    refuse(name, "is not a number within its limits");
    return std::nullopt;
  }
  return *number;
}

std::int64_t Reader::number(std::string_view name, std::int64_t most) {
  const std::optional<std::int64_t> value = optional_number(name, most);
  if (!value) refuse(name, "is missing");
  return value.value_or(0);
}

Strings Reader::strings(std::string_view name) {
  std::optional<Value> value = take(name);
  Strings* const found = value ? std::get_if<Strings>(&*value) : nullptr;
  if (found == nullptr) {
    refuse(name, "is not an array of strings");
    return {};
  }
  return std::move(*found);
}

Result<void> Reader::finish(Unknown unknown) const {
  if (!problem_.empty()) return fail(ErrorCode::kInvalid, problem_);
  if (unknown == Unknown::kRefused && !members_.empty()) {
    return fail(ErrorCode::kInvalid,
                "\"" + printable(members_.begin()->first) + "\" is not a member of this request");
  }
  return {};
}

namespace {

// In the shortest form that RFC 8259 section 7 knows, so that nothing that was read within a limit
// is beyond it when written.
void append_escaped(std::string& out, char c) {
  constexpr std::string_view kPlain = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  if (const std::size_t at = kPlain.find(c); at != std::string_view::npos) {
    out.push_back('\\');
    out.push_back(kLetters[at]);
  } else if (static_cast<unsigned char>(c) < 0x20) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned char>(c));
    out.append(escaped);
  } else {
    out.push_back(c);
  }
}

}  // namespace

void Writer::start(std::string_view name) {
  text_.push_back(text_.empty() ? '{' : ',');
  quote(name);
  text_.push_back(':');
}

void Writer::quote(std::string_view value) {
  if (!is_utf8(value)) is_utf8_ = false;
  if (text_.capacity() < text_.size() + 6 * value.size() + 16) {
    std::string larger;  // grown by hand: std::string would leave the old bytes behind
    larger.reserve(2 * (text_.size() + 6 * value.size() + 16));
    larger = text_;
    wipe(text_);
    text_ = std::move(larger);
  }
  text_.push_back('"');
  for (const char c : value) {
    append_escaped(text_, c);
  }
  text_.push_back('"');
}

Writer& Writer::add(std::string_view name, std::string_view value) {
  start(name);
  quote(value);
  return *this;
}

Writer& Writer::add(std::string_view name, std::int64_t value) {
  start(name);
  text_ += std::to_string(value);
  return *this;
}

Writer& Writer::add(std::string_view name, const Strings& values) {
  start(name);
  text_.push_back('[');
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text_.push_back(',');
    quote(values[i]);
  }
  text_.push_back(']');
  return *this;
}

Result<Secret> Writer::finish() {
  if (!is_utf8_) return fail(ErrorCode::kInvalid, "a value is not UTF-8 and JSON cannot carry it");
  if (text_.empty()) text_.push_back('{');
  text_.push_back('}');
  return Secret(std::string_view(text_));
}

}  // namespace sekisho::flat_json
