// What the gateway itself answers, and how it becomes bytes.

#ifndef SEKISHO_GATEWAY_RESPONSE_H_
#define SEKISHO_GATEWAY_RESPONSE_H_

#include <chrono>
#include <string>
#include <string_view>

namespace sekisho::gateway {

// What a 503 says of when to try again.
inline constexpr std::chrono::seconds kTryAgainAfter{5};

struct Response {
  unsigned status = 200;
  std::string fields;  // "Name: value\r\n" each; see add()
  std::string body;
  bool closes = false;  // the connection ends with this answer

  // `value` must hold no CR, LF or NUL; a value that does is left out (ASVS 4.2.x): callers put
  // outside text here only after encoding it.
  Response& add(std::string_view name, std::string_view value);
};

// "200 OK"; the phrase for a status of ours.
std::string_view reason_phrase(unsigned status);

// Appends the whole answer to `out`: status line, Date, HSTS, the fields, Content-Length, body.
// `omits_body` for HEAD.
void append_response(std::string& out, const Response& response, const std::string& date,
                     bool keeps_alive, bool omits_body);

Response text_response(unsigned status, std::string_view text);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_RESPONSE_H_
