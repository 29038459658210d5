#include "authn/factors/client_data.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <optional>
#include <set>

#include "base/digest.h"
#include "base/encoding.h"

namespace sekisho::authn {
namespace {

namespace json = boost::json;

struct ClientData {
  std::string type;
  std::string challenge;
  std::string origin;
  bool is_cross_origin = false;
  bool has_top_origin = false;
};

// Receives what the parser reads (basic_parser's Handler; the names are Boost.JSON's).  A member
// of ours twice, or of the wrong kind, ends the parse: two readers could differ on it.
struct Collector {
  constexpr static std::size_t max_object_size = 64;
  constexpr static std::size_t max_array_size = 64;
  constexpr static std::size_t max_key_size = 256;
  constexpr static std::size_t max_string_size = kMaxClientData;

  ClientData data;
  std::set<std::string, std::less<>> seen;
  std::string name;
  std::string text;
  int depth = 0;

  static bool refuse(json::error_code& ec) {
    ec = json::error::syntax;
    return false;
  }
  bool is_ours() const {
    return depth == 1 && (name == "type" || name == "challenge" || name == "origin" ||
                          name == "crossOrigin" || name == "topOrigin");
  }
  bool take_string() {
    if (name == "type") data.type = text;
    if (name == "challenge") data.challenge = text;
    if (name == "origin") data.origin = text;
    if (name == "topOrigin") data.has_top_origin = true;
    return name != "crossOrigin";
  }
  bool take_other(json::error_code& ec) { return depth > 0 && !is_ours() ? true : refuse(ec); }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& ec) {
    if (depth > 0 && is_ours()) return refuse(ec);
    ++depth;
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    --depth;
    return true;
  }
  bool on_array_begin(json::error_code& ec) {
    if (depth == 0 || is_ours()) return refuse(ec);
    ++depth;
    return true;
  }
  bool on_array_end(std::size_t, json::error_code&) {
    --depth;
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    name.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t size, json::error_code& ec) {
    name.append(part.data(), part.size());
    // `size` counts all parts: what came before them belongs to another key.
    name.erase(0, name.size() - size);
    if (depth == 1 && !seen.insert(name).second) return refuse(ec);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, std::size_t size, json::error_code& ec) {
    text.append(part.data(), part.size());
    text.erase(0, text.size() - size);
    if (depth == 0) return refuse(ec);
    return depth > 1 || take_string() ? true : refuse(ec);
  }
  bool on_bool(bool value, json::error_code& ec) {
    if (depth == 1 && name == "crossOrigin") {
      data.is_cross_origin = value;
      return true;
    }
    return take_other(ec);
  }
  bool on_null(json::error_code& ec) { return take_other(ec); }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code& ec) { return take_other(ec); }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) { return take_other(ec); }
  bool on_double(double, json::string_view, json::error_code& ec) { return take_other(ec); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

std::optional<ClientData> parse(ByteView bytes) {
  if (bytes.size() > kMaxClientData) return std::nullopt;
  std::string_view text = as_text(bytes);
  // "UTF-8 decode" strips one byte order mark.
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  json::parse_options options;
  options.max_depth = 8;
  json::basic_parser<Collector> parser(options);
  json::error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || read != text.size() || !parser.done()) return std::nullopt;
  return parser.handler().data;
}

}  // namespace

Webauthn<void> check_client_data(ByteView client_data, const ExpectedClientData& expected) {
  const std::optional<ClientData> data = parse(client_data);
  if (!data) return std::unexpected(WebauthnFault::kMalformedClientData);
  const std::string_view type =
      expected.ceremony == Ceremony::kRegistration ? "webauthn.create" : "webauthn.get";
  if (data->type != type) return std::unexpected(WebauthnFault::kWrongType);
  const std::optional<Bytes> challenge = bytes_from_base64url(data->challenge);
  if (!challenge || expected.challenge.empty() ||
      !equals_in_constant_time(*challenge, expected.challenge)) {
    return std::unexpected(WebauthnFault::kWrongChallenge);
  }
  if (std::ranges::find(expected.origins, data->origin) == expected.origins.end()) {
    return std::unexpected(WebauthnFault::kWrongOrigin);
  }
  if (data->is_cross_origin || data->has_top_origin) {
    return std::unexpected(WebauthnFault::kCrossOrigin);
  }
  return {};
}

}  // namespace sekisho::authn
