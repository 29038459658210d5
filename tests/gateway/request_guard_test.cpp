#include "gateway/request_guard.h"

#include "gateway/proxy_heads.h"
#include "tests/support/catch.h"

namespace sekisho::gateway {
namespace {

// Parses a head as the gateway does; 0 when nothing objects, 400 when it is not even strict.
unsigned judge(std::string_view head) {
  if (!is_strict_head(head)) return 400;
  RequestHead parsed;
  RequestParser parser(parsed);
  parser.eager(false);
  error_code failed;
  parser.put(asio::const_buffer(head.data(), head.size()), failed);
  if (failed || !parser.is_header_done()) return 400;
  return objection_to(parsed);
}

std::string get(std::string_view fields) {
  return "GET /a HTTP/1.1\r\nHost: a.example\r\n" + std::string(fields) + "\r\n";
}

TEST_CASE("an ordinary request passes the guard", "[gateway]") {
  CHECK(judge(get("")) == 0);
  CHECK(judge(get("Content-Length: 0\r\n")) == 0);
  CHECK(judge(get("Transfer-Encoding: chunked\r\n")) == 0);
  CHECK(judge("GET / HTTP/1.0\r\nHost: a\r\n\r\n") == 0);
}

TEST_CASE("a head that two readers could understand differently is refused", "[gateway]") {
  const std::string head =
      GENERATE(as<std::string>{},
               "GET /a HTTP/1.1\r\n\r\n",                           // no Host
               "GET /a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",     // two of them
               "GET /a HTTP/1.1\nHost: a\r\n\r\n",                  // bare LF
               "GET /a HTTP/1.1\r\nHost: a\rb\r\n\r\n",             // bare CR
               "GET /a HTTP/1.1\r\nHost : a\r\n\r\n",               // space before the colon
               "GET /a HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n",  // folded
               "GET /a HTTP/1.1\r\n Host: a\r\n\r\n",               // space before a field
               "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",         // absolute form
               "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",              // space in the target
               "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",              // fragment
               "GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n");            // not ASCII
  CHECK(judge(head) == 400);
}

TEST_CASE("ambiguous framing is refused", "[gateway]") {
  const std::string fields =
      GENERATE(as<std::string>{}, "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
               "Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1, 1\r\n",
               "Content-Length: +1\r\n", "Content-Length: 1a\r\n", "Content-Length: \r\n",
               "Content-Length: 99999999999999999999999\r\n",
               "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n");
  CHECK(judge(get(fields)) == 400);
  CHECK(judge("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
}

TEST_CASE("a coding other than chunked, and methods that tunnel or echo, are not for us",
          "[gateway]") {
  CHECK(judge(get("Transfer-Encoding: gzip\r\n")) == 501);
  CHECK(judge(get("Transfer-Encoding: gzip, chunked\r\n")) == 501);
  CHECK(judge("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n") == 405);
  CHECK(judge("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n") == 405);
  CHECK(judge("connect / HTTP/1.1\r\nHost: a\r\n\r\n") == 405);
}

// The target in origin form, or "refused".
std::string origin_form(std::string_view target, std::string_view host) {
  RequestHead head;
  head.target = target;
  head.fields.add(http::field::host, "Host", host);
  return take_origin_form(head) ? std::string(head.target) : "refused";
}

TEST_CASE("an absolute target is taken for what it is in origin form, on its own host",
          "[gateway]") {
  CHECK(origin_form("https://a.example/b?c=1", "a.example") == "/b?c=1");
  CHECK(origin_form("HTTPS://A.example:8443/", "a.EXAMPLE:8443") == "/");
  CHECK(origin_form("https://b.example/", "a.example") == "refused");
  CHECK(origin_form("https://a.example:8443/", "a.example") == "refused");
  CHECK(origin_form("https://u@a.example/", "a.example") == "refused");
  CHECK(origin_form("https://a.example", "a.example") == "refused");
  CHECK(origin_form("https://a.example?b", "a.example") == "refused");
  CHECK(origin_form("http://a.example/", "a.example") == "http://a.example/");  // judged later: 400
  CHECK(origin_form("/b", "a.example") == "/b");
}

bool is_sound_answer(std::string_view fields, std::string_view version = "1.1") {
  const std::string text =
      "HTTP/" + std::string(version) + " 200 OK\r\n" + std::string(fields) + "\r\n";
  ResponseHead head;
  ResponseParser parser(head);
  parser.eager(false);
  error_code failed;
  parser.put(asio::const_buffer(text.data(), text.size()), failed);
  return !failed && is_sound(head);
}

TEST_CASE("an answer whose end is in doubt is none", "[gateway]") {
  CHECK(is_sound_answer(""));
  CHECK(is_sound_answer("Content-Length: 5\r\n"));
  CHECK(is_sound_answer("Transfer-Encoding: chunked\r\n"));
  CHECK(is_sound_answer("Content-Length: 5\r\n", "1.0"));
  for (const char* fields :
       {"Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"}) {
    INFO(fields);
    CHECK_FALSE(is_sound_answer(fields));
  }
  CHECK_FALSE(is_sound_answer("Transfer-Encoding: chunked\r\n", "1.0"));
}

TEST_CASE("what begins a head is judged alike, whether the head is whole or not", "[gateway]") {
  for (const char* method : {"GET", "get", "M-SEARCH", "A_B", "_GET", "-GET", "1GET", "!GET"}) {
    INFO(method);
    const std::string head = std::string(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n";
    CHECK(could_begin_head(head.substr(0, 1)) == (judge(head) == 0));
  }
}

TEST_CASE("NUL anywhere in a head is refused", "[gateway]") {
  CHECK_FALSE(is_strict_head(std::string_view("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 30)));
}

TEST_CASE("noise is told from HTTP by its first bytes", "[gateway]") {
  CHECK_FALSE(could_begin_head("\x16\x03\x01"));
  CHECK_FALSE(could_begin_head("GET / HTTP/1.1\nHost"));
  CHECK(could_begin_head("GE"));
  CHECK_FALSE(could_begin_head("GET / HTTP/1.1\r\nHost: a\r\n\n"));
  CHECK_FALSE(could_begin_head("GET / HTTP/1.1\r\nHost: a\n", 20));
}

// What the application would be sent for a request with these fields.
std::string forwarded(std::string_view fields, std::string_view client = "10.0.0.7") {
  const std::string text = get(fields);
  RequestHead head;
  RequestParser parser(head);
  parser.eager(false);
  error_code failed;
  parser.put(asio::const_buffer(text.data(), text.size()), failed);
  REQUIRE_FALSE(failed);
  const authn::LiveUser user{{1}, "hanako", "関所 花子", {"tax", "road"}, true};
  return forwarded_request(
      head, {user, "a.example", client, "", false, false, std::nullopt, max_forwards(head)});
}

TEST_CASE("identity comes from us and from nobody else", "[gateway]") {
  const std::string sent = forwarded(
      "Remote-User: mayor\r\nREMOTE-GROUPS: mayor\r\nRemote_User: mayor\r\nX-Forwarded-For: "
      "mayor\r\n"
      "Forwarded: for=mayor\r\nX-Real-IP: mayor\r\nSekisho-Identity: mayor\r\n");
  CHECK(sent.find("mayor") == std::string::npos);
  CHECK(sent.find("Remote-User: hanako\r\n") != std::string::npos);
  CHECK(sent.find("Remote-Groups: tax,road\r\n") != std::string::npos);
  CHECK(sent.find("X-Forwarded-For: 10.0.0.7\r\n") != std::string::npos);
  CHECK(sent.find("Forwarded: for=10.0.0.7;host=\"a.example\";proto=https\r\n") !=
        std::string::npos);
}

TEST_CASE("an IPv6 address is told in brackets", "[gateway]") {
  CHECK(forwarded("", "fd00::7").find("Forwarded: for=\"[fd00::7]\";host=") != std::string::npos);
}

TEST_CASE("OPTIONS counts its hops down, and what is no number goes no farther", "[gateway]") {
  const auto sent = [](std::string_view method, std::string_view hops) {
    const std::string text = std::string(method) +
                             " / HTTP/1.1\r\nHost: a\r\nMax-Forwards: " + std::string(hops) +
                             "\r\n\r\n";
    RequestHead head;
    RequestParser parser(head);
    parser.eager(false);
    error_code failed;
    parser.put(asio::const_buffer(text.data(), text.size()), failed);
    REQUIRE_FALSE(failed);
    const authn::LiveUser user{{1}, "hanako", "", {}, true};
    const std::string out = forwarded_request(
        head, {user, "a", "10.0.0.7", "", false, false, std::nullopt, max_forwards(head)});
    const std::size_t at = out.find("Max-Forwards: ");
    return at == std::string::npos ? "" : out.substr(at + 14, out.find("\r\n", at) - at - 14);
  };
  CHECK(sent("OPTIONS", "7") == "6");
  CHECK(sent("OPTIONS", "many") == "");
  CHECK(sent("GET", "7") == "7");
}

TEST_CASE("Connection cannot name our headers away", "[gateway]") {
  const std::string sent =
      forwarded("Connection: keep-alive\r\nConnection: Remote-User, X-Secret\r\nX-Secret: 1\r\n");
  CHECK(sent.find("Remote-User: hanako\r\n") != std::string::npos);
  CHECK(sent.find("X-Secret") == std::string::npos);
}

TEST_CASE("our cookies stay with us, an application's pass", "[gateway]") {
  const std::string sent = forwarded("Cookie: a=1; __Secure-sekisho=x; __HOST-SEKISHO=y; b=2\r\n");
  CHECK(sent.find("Cookie: a=1; b=2\r\n") != std::string::npos);
  CHECK(forwarded("Cookie: __Secure-sekisho=x\r\n").find("Cookie") == std::string::npos);
}

TEST_CASE("a request that was here before is recognised", "[gateway]") {
  Fields fields;
  fields.add(http::field::via, "Via", "1.1 other, 1.1 sekisho");
  CHECK(has_been_here(fields));
  fields.clear();
  fields.add(http::field::via, "Via", "1.1 sekisho-like");
  CHECK_FALSE(has_been_here(fields));
}

}  // namespace
}  // namespace sekisho::gateway
