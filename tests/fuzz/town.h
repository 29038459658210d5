// The configuration that the targets of the request path decide by, and the people who ask.
#ifndef SEKISHO_TESTS_FUZZ_TOWN_H_
#define SEKISHO_TESTS_FUZZ_TOWN_H_

#include <array>

#include "authn/live_view.h"
#include "base/log.h"
#include "gateway/site.h"
#include "tests/fuzz/fuzz_target.h"

namespace sekisho::testing {

inline constexpr std::string_view kTown = R"(
[segment]
networks = ["127.0.0.0/8", "fd00::/8"]
[proxies]
trusted = ["127.0.0.9"]
[store]
path = "s.db"
seal_keys = "k"
audit_key = "a"
[ca]
certificate = "c"
key = "k"
[portal]
url = "https://portal.sekisho.test"
cookie_domain = "sekisho.test"
[privileged]
groups = ["road"]
require = "fido2"
[[listener]]
address = "127.0.0.2:443"
kind = "web"
certificate = "c"
key = "k"

[[application]]
name = "tax"
host = "tax.sekisho.test"
websocket = true
[[application.rule]]
path = "/admin"
access = "deny"
[[application.rule]]
path = "/open"
require = "password"
[[application.rule]]
path = "/fresh"
groups = ["tax"]
require = "fido2+uv"
fresh = "5m"
[[application.rule]]
path = "/a/b"
groups = ["road"]
networks = ["127.0.0.0/24"]
[[application.rule]]
path = "/a/b"
access = "deny"
[[application.rule]]
path = "/office"
hours = "08:30-17:15"
days = "mon-fri"
[[application.rule]]
path = "/office"
access = "deny"
[[application.rule]]
path = "/counter"
terminals = ["madoguchi-*"]
[[application.rule]]
path = "/counter"
access = "deny"
[[application.rule]]
path = "/"
groups = ["tax"]

[[application]]
name = "road"
host = "road.sekisho.test"
[[application.rule]]
path = "/x"
groups = ["tax", "road"]
require = "fido2"
[[application.rule]]
path = "/x"
access = "deny"
[[application.rule]]
path = "/"
networks = ["fd00::/8"]
)";

inline constexpr std::string_view kIdentityToken = "head.body.signature";

inline const gateway::Site& town() {
  static const gateway::Site site = [] {
    log::set_level(log::Level::kError);
    auto settings = settings::parse(kTown, "/etc/sekisho/sekishod.toml");
    if (!settings) {
      std::fputs(settings::text_of(settings.error(), "town.h").c_str(), stderr);
    }
    promise(settings.has_value(), "the configuration is good");
    gateway::Site made;
    made.settings = *std::move(settings);
    made.rules = made.settings.access_rules();
    made.session_cookie = "__Secure-sekisho";
    return made;
  }();
  return site;
}

// Whose session begins with the cookie's value.
struct Person {
  std::string_view token;
  authn::LiveUser user;
  authn::Assurance assurance;
  authn::ProvenAt proven;
};

// A Thursday at noon, and the Sunday after it, in Japan.
inline const std::array kTimes = {instant_of(1'795'662'000'000), instant_of(1'795'921'200'000)};

inline const std::array<Person, 3>& people() {
  using authn::Assurance;
  static const std::array<Person, 3> known = {
      Person{"hanako",
             {{1}, "hanako", "関所 花子", {"tax"}, true},
             Assurance::kSecondFactor,
             {kTimes[0] - std::chrono::hours(1), std::nullopt, std::nullopt}},
      Person{"taro",
             {{2},
              "taro",
              "",
              {"road", "tax"},
              true,
              {{{1}, "madoguchi-01", *IpAddress::parse("127.0.0.7"), kTimes[0]}}},
             Assurance::kVerifiedKey,
             {kTimes[0], kTimes[0], kTimes[0]}},
      Person{"jiro", {{3}, "jiro", "Jiro", {}, true}, Assurance::kPassword, {}}};
  return known;
}

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_FUZZ_TOWN_H_
