// [[listener]] with kind = "check", where the access log goes, and what a request line may have.

#include "tests/settings/small_town.h"

namespace sekisho::settings {
namespace {

using testing::has;

std::expected<Settings, std::vector<Finding>> with(std::string_view addition) {
  return parse(joined({kSegment, kTown, addition}), "/etc/sekisho/sekishod.toml");
}

std::string finding(std::string_view addition) {
  return settings::finding(joined({kSegment, kTown, addition}));
}

TEST_CASE("a socket for checks has a path and may have a group", "[settings]") {
  const auto parsed = with(
      "[[listener]]\nkind = \"check\"\npath = \"/run/sekisho-gateway/check.sock\"\n"
      "group = \"www-data\"\n");
  REQUIRE(parsed);
  const Listener& listener = parsed->listeners.back();
  CHECK(listener.kind == Listener::Kind::kCheck);
  CHECK(listener.socket_path == "/run/sekisho-gateway/check.sock");
  CHECK(listener.group == "www-data");
  CHECK(
      with("[[listener]]\nkind = \"check\"\npath = \"/run/c\"\n")->listeners.back().group.empty());
}

TEST_CASE("a socket's path that cannot be one is refused", "[settings]") {
  const auto at = [](const std::string& path) {
    return "[[listener]]\nkind = \"check\"\npath = \"" + path + "\"\n";
  };
  CHECK_THAT(finding("[[listener]]\nkind = \"check\"\n"),
             has("sekishod.toml:18: [[listener]] path: is missing; write for example path = "
                 "\"/run/sekisho-gateway/check.sock\""));
  CHECK_THAT(finding(at("check.sock")), has("[[listener]] path: must begin with \"/\""));
  CHECK(with(at("/" + std::string(102, 'a'))));
  CHECK_THAT(finding(at("/" + std::string(103, 'a'))), has("have at most 103 characters"));
}

TEST_CASE("a socket has no address, and no certificate", "[settings]") {
  const std::string socket = "[[listener]]\nkind = \"check\"\npath = \"/run/c\"\n";
  for (const char* other : {"address = \"127.0.0.1:80\"\n", "key = \"k\"\n", "names = []\n"}) {
    CHECK_THAT(finding(socket + other), has("[[listener]] has no setting"));
  }
}

TEST_CASE("two listeners cannot have one socket", "[settings]") {
  const std::string socket = "[[listener]]\nkind = \"check\"\npath = \"/run/c\"\n";
  CHECK_THAT(finding(socket + socket),
             has("[[listener]] path: belongs to the listener of line 18 already"));
}

TEST_CASE("the access log is kept where the file says, and by default nowhere", "[settings]") {
  CHECK(with("")->access_log.path.empty());
  const auto parsed = with("[access_log]\npath = \"log/access.jsonl\"\nwaiting_bytes = 65536\n");
  REQUIRE(parsed);
  CHECK(parsed->access_log.path == "/etc/sekisho/log/access.jsonl");
  CHECK(parsed->access_log.waiting_bytes == 65536);
  CHECK_THAT(finding("[access_log]\nwaiting_bytes = 65535\n"), has("[access_log] waiting_bytes:"));
}

TEST_CASE("withdrawn certificates are asked for of https upstreams only", "[settings]") {
  const auto application = [](const std::string& upstream) {
    return "[[application]]\nname = \"tax\"\nhost = \"tax.town.example\"\nupstream = \"" +
           upstream + "\"\nupstream_crl = \"crl.pem\"\n[[application.rule]]\npath = \"/\"\n";
  };
  const auto parsed = with(application("https://127.0.0.5"));
  REQUIRE(parsed);
  CHECK(parsed->applications.front().upstreams.front().crl_path == "/etc/sekisho/crl.pem");
  CHECK_THAT(finding(application("http://127.0.0.5")),
             has("[[application]] upstream_crl: has no meaning without an https upstream"));
}

TEST_CASE("a request line has its own limit, within the whole head's", "[settings]") {
  const auto limits = [](std::string_view lines) { return joined({"[limits]\n", lines}); };
  CHECK(with(limits(""))->limits.request_line_bytes == 8192);
  CHECK(with(limits("header_bytes = 1024"))->limits.request_line_bytes == 8192);
  CHECK(with(limits("request_line_bytes = 256"))->limits.request_line_bytes == 256);
  CHECK_THAT(finding(limits("request_line_bytes = 255")), has("request_line_bytes"));
  CHECK_THAT(finding(limits("request_line_bytes = 65537")), has("request_line_bytes"));
  CHECK_THAT(finding(limits("header_bytes = 1024\nrequest_line_bytes = 1025")),
             has("request_line_bytes: is more than header_bytes"));
}

}  // namespace
}  // namespace sekisho::settings
