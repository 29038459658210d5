// The least that a configuration must say, for tests that add to it.

#ifndef SEKISHO_TESTS_SETTINGS_SMALL_TOWN_H_
#define SEKISHO_TESTS_SETTINGS_SMALL_TOWN_H_

#include <string>
#include <string_view>

#include "settings/settings.h"
#include "tests/support/outcome.h"

namespace sekisho::settings {

inline constexpr std::string_view kSegment = "[segment]\nnetworks = [\"127.0.0.0/8\"]\n";
// Behind the segment.  The portal is portal.town.example.
inline constexpr std::string_view kTown = R"([store]
path = "s.db"
seal_keys = "k"
audit_key = "a"
[ca]
certificate = "c"
key = "k"
[portal]
url = "https://portal.town.example"
cookie_domain = "town.example"
[[listener]]
address = "127.0.0.2:443"
kind = "web"
certificate = "c"
key = "k"
)";
// An application, the beginning of its one rule, and where its own lines go.
inline constexpr std::string_view kApplication =
    "[[application]]\nname = \"tax\"\nhost = \"tax.town.example\"\n";
inline constexpr std::string_view kRule = "[[application.rule]]\npath = \"/\"\n";

inline std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

inline Settings good(std::string_view text) {
  auto parsed = parse(text, "/etc/sekisho/sekishod.toml");
  if (!parsed) FAIL(text_of(parsed.error(), "sekishod.toml"));
  return *std::move(parsed);
}

// What is wrong with it; empty: nothing.
inline std::string findings(std::string_view text) {
  const auto parsed = parse(text, "sekishod.toml");
  return parsed ? "" : text_of(parsed.error(), "sekishod.toml");
}

// The same where one thing is wrong.
inline std::string finding(std::string_view text) {
  const auto parsed = parse(text, "sekishod.toml");
  if (parsed) return "";
  const std::string told = text_of(parsed.error(), "sekishod.toml");
  INFO(told);
  CHECK(parsed.error().size() == 1);
  return told;
}

}  // namespace sekisho::settings

#endif  // SEKISHO_TESTS_SETTINGS_SMALL_TOWN_H_
