#include "gateway/proxy_heads.h"

#include "base/text.h"
#include "gateway/cookies.h"
#include "gateway/identity_headers.h"

namespace sekisho::gateway {
namespace {

// What Connection names goes no farther (RFC 9110 section 7.6.1).
bool is_named_by_connection(const Fields& fields, std::string_view name) {
  for (const Field& field : fields.all()) {
    if (field.id == http::field::connection && has_token(field.value, name)) return true;
  }
  return false;
}

bool has_connection_options(const Fields& fields) {
  for (const Field& field : fields.all()) {
    if (field.id == http::field::connection && !equals_ignoring_case(field.value, "keep-alive") &&
        !equals_ignoring_case(field.value, "close")) {
      return true;
    }
  }
  return false;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// RFC 7239: an IPv6 address in brackets, and quoted, as is a host with a port.
void append_forwarded(std::string& out, const Forwarding& forwarding) {
  out.append("Forwarded: for=");
  if (forwarding.client.find(':') == std::string_view::npos) {
    out.append(forwarding.client);
  } else {
    out.append("\"[").append(forwarding.client).append("]\"");
  }
  out.append(";host=\"").append(forwarding.host).append("\";proto=https\r\n");
}

bool is_known_end_to_end(http::field id) {
  switch (id) {
    case http::field::accept:
    case http::field::accept_encoding:
    case http::field::accept_language:
    case http::field::user_agent:
    case http::field::content_type:
    case http::field::referer:
    case http::field::cache_control:
    case http::field::date:
    case http::field::server:
    case http::field::last_modified:
    case http::field::etag:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string forwarded_request(const RequestHead& head, const Forwarding& forwarding) {
  std::string out;
  out.reserve(1024);
  out.append(head.method).append(" ").append(head.target).append(" HTTP/1.1\r\n");
  append_field(out, "Host", forwarding.host);
  const bool has_options = has_connection_options(head.fields);
  for (const Field& field : head.fields.all()) {
    if (!is_known_end_to_end(field.id)) {
      if (field.id == http::field::host || field.id == http::field::content_length ||
          field.id == http::field::expect || is_hop_by_hop(field.name) ||
          is_reserved_field(field.name)) {
        continue;
      }
      if (field.id == http::field::max_forwards && head.verb == http::verb::options) {
        const auto hops = forwarding.max_forwards;
        if (hops) append_field(out, field.name, std::to_string(*hops - 1));
        continue;
      }
      if (field.id == http::field::cookie) {
        if (has_options && is_named_by_connection(head.fields, field.name)) continue;
        const std::string kept = without_our_cookies(field.value);
        if (!kept.empty()) append_field(out, "Cookie", kept);
        continue;
      }
    }
    // The client's Connection may drop its own fields, never ours: ours are added below.
    if (has_options && is_named_by_connection(head.fields, field.name)) continue;
    append_field(out, field.name, field.value);
  }
  append_identity(out, forwarding.user);
  append_identity_token(out, forwarding.identity_token);
  append_forwarded(out, forwarding);
  append_field(out, "X-Forwarded-For", forwarding.client);
  append_field(out, "X-Forwarded-Proto", "https");
  append_field(out, "X-Forwarded-Host", forwarding.host);
  out.append("Via: 1.1 ").append(kViaName).append("\r\n");
  if (forwarding.is_upgrade) {
    out.append("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  } else if (forwarding.is_chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  } else if (forwarding.content_length) {
    append_field(out, "Content-Length", std::to_string(*forwarding.content_length));
  }
  out.append("\r\n");
  return out;
}

std::string returned_response(const ResponseHead& head, const Returning& returning) {
  std::string out;
  out.reserve(1024);
  out.append("HTTP/1.1 ").append(std::to_string(head.status)).append(" ").append(head.reason);
  out.append("\r\n");
  bool has_strict_transport = false;
  bool has_date = returning.date.empty();
  const bool has_options = has_connection_options(head.fields);
  for (const Field& field : head.fields.all()) {
    if (!is_known_end_to_end(field.id)) {
      if (is_hop_by_hop(field.name) || field.id == http::field::content_length) continue;
      if (field.id == http::field::set_cookie && sets_our_cookie(field.value)) continue;
    }
    if (has_options && is_named_by_connection(head.fields, field.name)) continue;
    if (field.id == http::field::strict_transport_security) has_strict_transport = true;
    if (field.id == http::field::date) has_date = true;
    append_field(out, field.name, field.value);
  }
  // Written afresh: an application cannot name it in Connection, nor say it twice.
  if (returning.content_length && !returning.is_chunked && !returning.is_upgrade &&
      head.status != 204) {
    append_field(out, "Content-Length", std::to_string(*returning.content_length));
  }
  if (!has_date) append_field(out, "Date", returning.date);
  if (!has_strict_transport) {
    append_field(out, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  }
  if (returning.is_upgrade) {
    out.append("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  } else {
    if (returning.is_chunked) out.append("Transfer-Encoding: chunked\r\n");
    if (!returning.keeps_alive) out.append("Connection: close\r\n");
  }
  out.append("\r\n");
  return out;
}

std::optional<std::uint64_t> max_forwards(const RequestHead& head) {
  if (head.verb != http::verb::options) return std::nullopt;
  const auto field = head.fields.find(http::field::max_forwards);
  return field ? parse_unsigned(*field) : std::nullopt;
}

bool has_been_here(const Fields& fields) {
  for (const Field& field : fields.all()) {
    if (field.id != http::field::via) continue;
    for (const std::string_view hop : split(field.value, ',')) {
      const std::string_view text = trimmed(hop);
      const std::size_t space = text.find(' ');
      if (space != std::string_view::npos &&
          equals_ignoring_case(trimmed(text.substr(space + 1)), kViaName)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace sekisho::gateway
