#include "gateway/cookies.h"
#include "gateway/request_context.h"
#include "gateway/response.h"
#include "gateway/return_address.h"
#include "tests/support/catch.h"

namespace sekisho::gateway {
namespace {

Site town() {
  Site site;
  site.settings.portal_url = "https://portal.town.example";
  site.settings.portal_host = "portal.town.example";
  site.settings.cookie_domain = "town.example";
  site.session_cookie = "__Secure-sekisho";
  settings::ApplicationEntry tax;
  tax.application.name = "tax";
  tax.application.host = "tax.town.example";
  tax.title = "税務";
  site.settings.applications.push_back(tax);
  site.rules = site.settings.access_rules();
  return site;
}

TEST_CASE("after signing in nobody is sent to a stranger's address", "[gateway]") {
  const std::string wanted =
      GENERATE(as<std::string>{}, "https://evil.example/", "http://tax.town.example/",
               "//evil.example/", "/\\evil.example", "https://tax.town.example@evil.example/",
               "https://tax.town.example:x@evil.example/", "https://tax.town.example.evil.example/",
               "javascript:alert(1)", "https://tax.town.example/\r\nSet-Cookie: a=b",
               "https://tax.town.example\\@evil.example/", "https:/tax.town.example/",
               "HTTPS://tax.town.example/", "", "https://");
  CHECK(safe_return_address(town(), wanted) == "/");
}

TEST_CASE("an application's address is a safe return, with its query", "[gateway]") {
  const std::string wanted = "https://tax.town.example:8443/a?b=c&d=%E7%A8%8E";
  CHECK(safe_return_address(town(), wanted) == wanted);
  CHECK(destination_of(town(), wanted) == "税務");
  CHECK(sign_in_address(town(), "https://tax.town.example/a?b") ==
        "https://portal.town.example/?rd=https%3A%2F%2Ftax.town.example%2Fa%3Fb");
  CHECK(sign_in_address(town(), "https://evil.example/") == "https://portal.town.example/");
}

TEST_CASE("a session cookie cannot be read by scripts nor sent in clear", "[gateway]") {
  CHECK(session_cookie(town(), "T") ==
        "__Secure-sekisho=T; Path=/; Secure; HttpOnly; SameSite=Lax; Domain=town.example");
  Site alone = town();
  alone.settings.cookie_domain.clear();
  alone.session_cookie = "__Host-sekisho";
  CHECK(session_cookie(alone, "T") == "__Host-sekisho=T; Path=/; Secure; HttpOnly; SameSite=Lax");
}

TEST_CASE("a cookie that is there twice is nobody's", "[gateway]") {
  Fields fields;
  fields.add(http::field::cookie, "Cookie", "a=1; __Secure-sekisho=x; b=2");
  CHECK(cookie(fields, "__Secure-sekisho") == "x");
  CHECK_FALSE(cookie(fields, "c"));
  fields.add(http::field::cookie, "Cookie", "__Secure-sekisho=y");
  CHECK_FALSE(cookie(fields, "__Secure-sekisho"));
}

TEST_CASE("an application cannot set our cookies", "[gateway]") {
  CHECK(sets_our_cookie("__Secure-sekisho=x; Path=/"));
  CHECK(sets_our_cookie(" __HOST-Sekisho = x"));
  CHECK_FALSE(sets_our_cookie("session=__Secure-sekisho"));
}

TEST_CASE("a form is read strictly", "[gateway]") {
  const auto fields = form_fields("user=%E9%96%A2%E6%89%80&password=a+b%2B&x");
  REQUIRE(fields);
  CHECK(fields->at("user") == "関所");
  CHECK(fields->at("password") == "a b+");
  CHECK(fields->at("x").empty());
  CHECK_FALSE(form_fields("a=1&a=2"));
  CHECK_FALSE(form_fields("a=%zz"));
  CHECK_FALSE(form_fields("a=%4"));
}

TEST_CASE("the client's address is a proxy's word only when the proxy is ours", "[gateway]") {
  Site site = town();
  site.settings.trusted_proxies = {*IpNetwork::parse("10.0.0.1")};
  site.settings.segment = {*IpNetwork::parse("10.0.0.0/8")};
  Fields fields;
  fields.add(http::field::unknown, "X-Forwarded-For", "192.0.2.1, 10.9.9.9");
  CHECK(client_address(site, {*IpAddress::parse("10.0.0.2")}, fields)->text() == "10.0.0.2");
  CHECK(client_address(site, {*IpAddress::parse("10.0.0.1")}, fields)->text() == "10.9.9.9");
  fields.clear();
  fields.add(http::field::unknown, "X-Forwarded-For", "nonsense");
  CHECK(client_address(site, {*IpAddress::parse("10.0.0.1")}, fields).error() == 400);
  fields.clear();
  fields.add(http::field::unknown, "X-Forwarded-For", "192.0.2.1");
  CHECK(client_address(site, {*IpAddress::parse("10.0.0.1")}, fields).error() == 403);
}

TEST_CASE("a header value cannot begin a line of its own", "[gateway]") {
  Response response;
  response.add("Location", "/a\r\nSet-Cookie: b=c");
  CHECK(response.fields.empty());
}

}  // namespace
}  // namespace sekisho::gateway
