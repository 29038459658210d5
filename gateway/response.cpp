#include "gateway/response.h"

#include <charconv>

namespace sekisho::gateway {
namespace {

// RFC 6797; ASVS 3.4.1: a year, with subdomains.
constexpr std::string_view kStrictTransport =
    "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n";

void append_number(std::string& out, std::size_t number) {
  char digits[24];
  const auto [end, problem] = std::to_chars(digits, digits + sizeof digits, number);
  if (problem == std::errc()) out.append(digits, end);
}

}  // namespace

Response& Response::add(std::string_view name, std::string_view value) {
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) return *this;
  fields.append(name).append(": ").append(value).append("\r\n");
  return *this;
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

void append_response(std::string& out, const Response& response, const std::string& date,
                     bool keeps_alive, bool omits_body) {
  out.append("HTTP/1.1 ");
  append_number(out, response.status);
  out.append(" ").append(reason_phrase(response.status)).append("\r\nDate: ").append(date);
  out.append("\r\n").append(kStrictTransport).append(response.fields);
  if (response.status != 204 && response.status != 304) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  if (!keeps_alive) out.append("Connection: close\r\n");
  out.append("\r\n");
  if (!omits_body) out.append(response.body);
}

Response text_response(unsigned status, std::string_view text) {
  Response response;
  response.status = status;
  response.add("Content-Type", "text/plain; charset=utf-8").add("Cache-Control", "no-store");
  response.body = std::string(text) + "\n";
  return response;
}

}  // namespace sekisho::gateway
