#include "authn/request_path.h"

#include "tests/support/catch.h"

namespace sekisho::authn {
namespace {

std::string seen(std::string_view target) {
  return path_for_rules(target).value_or("refused");
}

TEST_CASE("a path that climbs is refused, however it is written", "[authn]") {
  for (const std::string_view target : {"/..",
                                        "/../",
                                        "/../admin",
                                        "/a/..",
                                        "/a/../admin",
                                        "/a/../../admin",
                                        "/.",
                                        "/./admin",
                                        "/a/.",
                                        "/a/./b",
                                        "/%2e%2e/admin",
                                        "/%2E%2E/admin",
                                        "/.%2e/admin",
                                        "/%2e./admin",
                                        "/%2e/admin",
                                        "/a/%2e%2e",
                                        "/..;/admin",
                                        "/..;x=1/admin",
                                        "/.;/admin",
                                        "/%2e%2e;/admin",
                                        "/..%3b/admin",
                                        "/a/..;",
                                        "/public/..;/admin"}) {
    INFO(target);
    CHECK(seen(target) == "refused");
  }
}

TEST_CASE("an encoded or backward slash is refused", "[authn]") {
  for (const std::string_view target :
       {"/a%2fb", "/a%2Fb", "/public%2f..%2fadmin", "/..%2fadmin", "/a%5cb", "/a%5Cb", "/a\\b",
        "/\\admin", "/..\\admin", "\\admin", "/%5c..%5cadmin"}) {
    INFO(target);
    CHECK(seen(target) == "refused");
  }
}

TEST_CASE("an empty segment is refused, also one that is only parameters", "[authn]") {
  for (const std::string_view target :
       {"//", "//admin", "/a//b", "/a//", "///", "//admin@host/", "/;x/admin", "/a/;/admin"}) {
    INFO(target);
    CHECK(seen(target) == "refused");
  }
}

TEST_CASE("a fragment is refused: two readers would cut it differently", "[authn]") {
  for (const std::string_view target : {"/a#b", "/#", "/public#/../admin", "#", "/a#?b"}) {
    INFO(target);
    CHECK(seen(target) == "refused");
  }
}

TEST_CASE("a control character is refused, raw or encoded", "[authn]") {
  for (const std::string_view target :
       {std::string_view("/a\0b", 4), std::string_view("/a%00b"), std::string_view("/a\nb"),
        std::string_view("/a%0ab"), std::string_view("/a%0d%0ab"), std::string_view("/a\tb"),
        std::string_view("/a\x7f"), std::string_view("/a%7f"), std::string_view("/%1f")}) {
    INFO(target);
    CHECK(seen(target) == "refused");
  }
}

TEST_CASE("a malformed escape is refused", "[authn]") {
  for (const std::string_view target : {"/%", "/a%2", "/%zz", "/%2", "/%u002e", "/%-1", "/% 2"}) {
    INFO(target);
    CHECK(seen(target) == "refused");
  }
}

TEST_CASE("what does not begin with a slash is refused", "[authn]") {
  for (const std::string_view target :
       {"", "?", "a", "*", "http://tax.town.example/", "tax.town.example:443", "?/a", "%2fa"}) {
    INFO(target);
    CHECK(seen(target) == "refused");
  }
}

TEST_CASE("a path is decoded once and only once", "[authn]") {
  CHECK(seen("/100%25") == "/100%");
  CHECK(seen("/100%25zz") == "/100%zz");
  CHECK(seen("/%61dmin") == "/admin");
  CHECK(seen("/%E9%96%A2%e6%89%80") == "/関所");
  CHECK(seen("/a%20b") == "/a b");
  CHECK(seen("/a+b") == "/a+b");
}

TEST_CASE("what could be decoded once more behind us is refused", "[authn]") {
  CHECK(seen("/%252e%252e/admin") == "refused");
  CHECK(seen("/a%252fb") == "refused");
  CHECK(seen("/%2561dmin") == "refused");
  // The digits may be escaped, too.
  CHECK(seen("/%25%36%31dmin") == "refused");
  CHECK(seen("/%256%31dmin") == "refused");
  CHECK(seen("/%25%36g") == "/%6g");
}

TEST_CASE("a segment is judged under the name by which Windows opens it", "[authn]") {
  for (const std::string_view target : {"/admin.", "/admin%2e", "/admin%20", "/admin. .;x"}) {
    INFO(target);
    CHECK(seen(target) == "/admin");
  }
  CHECK(seen("/admin./a") == "/admin/a");
  CHECK(seen("/...") == "refused");
  CHECK(seen("/%20/a") == "refused");
}

TEST_CASE("parameters of a segment do not hide it from the rules", "[authn]") {
  CHECK(seen("/admin;x") == "/admin");
  CHECK(seen("/admin;jsessionid=1/list;v=2") == "/admin/list");
  CHECK(seen("/admin%3bx") == "/admin");
  CHECK(seen("/;jsessionid=1") == "/");
}

TEST_CASE("a query is not part of the path, whatever it holds", "[authn]") {
  CHECK(seen("/a?b=/../c") == "/a");
  CHECK(seen("/a?%zz") == "/a");
  CHECK(seen("/a?#") == "/a");
  CHECK(seen("/?") == "/");
}

TEST_CASE("ordinary paths stay as they are", "[authn]") {
  for (const std::string_view target : {"/", "/a", "/a/", "/a/b.html", "/...a", "/a..b", "/.well",
                                        "/~user", "/a:b", "/a@b", "/A/b", "/関所"}) {
    CHECK(seen(target) == target);
  }
}

TEST_CASE("a prefix holds what lies below it, not what only begins alike", "[authn]") {
  CHECK_FALSE(is_below("/taxes", "/tax"));
  CHECK_FALSE(is_below("/tax2/a", "/tax"));
  CHECK_FALSE(is_below("/ta", "/tax"));
  CHECK_FALSE(is_below("/a/tax", "/tax"));
  CHECK(is_below("/tax", "/tax"));
  CHECK(is_below("/tax/", "/tax"));
  CHECK(is_below("/tax/a", "/tax"));
  CHECK(is_below("/tax", "/tax/"));
  CHECK(is_below("/tax/a", "/tax/"));
  CHECK(is_below("/TAX/a", "/tax"));  // some servers ignore case, and a refusal must hold there
  CHECK_FALSE(is_below("/taxes", "/tax/"));
  CHECK(is_below("/anything", "/"));
}

}  // namespace
}  // namespace sekisho::authn
