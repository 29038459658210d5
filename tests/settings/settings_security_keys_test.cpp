// [security_keys], [terminals] require and [[terminals.service]], and what a rule may ask of keys.

#include "tests/settings/small_town.h"

namespace sekisho::settings {
namespace {

using namespace std::chrono_literals;
using authn::Assurance;
using testing::has;

const std::string kGood = joined({kSegment, kTown, kApplication, kRule});

constexpr std::string_view kAnchors = "[security_keys]\ntrust_anchors = \"anchors\"\n";
constexpr std::string_view kModel = "[[security_keys.model]]\n";

std::string with(std::string_view addition) {
  return joined({kGood, addition});
}

std::string keys(std::string_view lines) {
  return with("[security_keys]\n" + std::string(lines) + "\n");
}

std::string model(std::string_view lines) {
  return with(std::string(kAnchors) + std::string(kModel) + std::string(lines) + "\n");
}

TEST_CASE("without [security_keys] the portal's host is the relying party", "[settings]") {
  const Settings settings = good(kGood);
  const authn::SecurityKeyPolicy& policy = settings.policy.security_keys;
  CHECK(policy.rp_id == "portal.town.example");
  CHECK_FALSE(policy.requires_user_verification);
  CHECK_FALSE(policy.allows_passwordless);
  CHECK_FALSE(policy.allows_syncable);
  CHECK(policy.models.empty());
  CHECK(policy.keys_most == 8);
  CHECK(policy.ceremony == 5min);
  CHECK(policy.fresh == 5min);
  CHECK(policy.enrolment == 10min);
  CHECK(settings.trust_anchors_path.empty());
}

TEST_CASE("a relying party that no browser would take for the portal is refused", "[settings]") {
  for (const char* wrong : {"tax.town.example", "own.example", "example", "", ".town.example",
                            "town.example.", "a.portal.town.example", "https://town.example"}) {
    INFO(wrong);
    CHECK_THAT(finding(keys("relying_party = \"" + std::string(wrong) + "\"")),
               has("[security_keys] relying_party: must be the portal's host "
                   "\"portal.town.example\" or a domain above it with at least two parts"));
  }
}

TEST_CASE("the portal's host, or a domain above it, is taken as relying party", "[settings]") {
  for (const char* right : {"portal.town.example", "town.example", "Town.Example"}) {
    const Settings settings = good(keys("relying_party = \"" + std::string(right) + "\""));
    CHECK(settings.policy.security_keys.rp_id ==
          (std::string(right) == "Town.Example" ? "town.example" : right));
  }
}

TEST_CASE("user verification is preferred or required, and nothing else", "[settings]") {
  for (const char* wrong : {"discouraged", "Required", "", "true"}) {
    CHECK_THAT(finding(keys("user_verification = \"" + std::string(wrong) + "\"")),
               has("user_verification: must be \"preferred\" or \"required\""));
  }
  CHECK(good(keys("user_verification = \"required\""))
            .policy.security_keys.requires_user_verification);
  CHECK_FALSE(good(keys("user_verification = \"preferred\""))
                  .policy.security_keys.requires_user_verification);
}

TEST_CASE("numbers and times of security keys have bounds, which are taken", "[settings]") {
  const auto refused = [](const std::string& line, const std::string& bounds) {
    CHECK_THAT(finding(keys(line)), has(line.substr(0, line.find(' ')) + ": must be " + bounds));
  };
  refused("keys_most = 1", "a whole number from 2 to 16");
  refused("keys_most = 17", "a whole number from 2 to 16");
  refused("ceremony = \"59s\"", "a time from \"1m\" to \"10m\"");
  refused("ceremony = \"11m\"", "a time from \"1m\" to \"10m\"");
  refused("fresh = \"59s\"", "a time from \"1m\" to \"1h\"");
  refused("fresh = \"61m\"", "a time from \"1m\" to \"1h\"");
  refused("enrolment = \"59s\"", "a time from \"1m\" to \"10m\"");
  refused("enrolment = \"601s\"", "a time from \"1m\" to \"10m\"");
  const auto least =
      good(keys("keys_most = 2\nceremony = \"1m\"\nfresh = \"1m\"\nenrolment = \"60s\""));
  CHECK(least.policy.security_keys.keys_most == 2);
  CHECK(least.policy.security_keys.ceremony == 1min);
  CHECK(least.policy.security_keys.fresh == 1min);
  CHECK(least.policy.security_keys.enrolment == 1min);
  const auto most =
      good(keys("keys_most = 16\nceremony = \"10m\"\nfresh = \"60m\"\nenrolment = \"10m\""));
  CHECK(most.policy.security_keys.keys_most == 16);
  CHECK(most.policy.security_keys.ceremony == 10min);
  CHECK(most.policy.security_keys.fresh == 1h);
  CHECK(most.policy.security_keys.enrolment == 10min);
}

TEST_CASE("flags of security keys are true or false", "[settings]") {
  for (const std::string name : {"passwordless", "syncable"}) {
    CHECK_THAT(finding(keys(name + " = \"yes\"")), has(name + ": must be true or false"));
  }
  const Settings settings = good(keys("passwordless = true\nsyncable = true"));
  CHECK(settings.policy.security_keys.allows_passwordless);
  CHECK(settings.policy.security_keys.allows_syncable);
}

TEST_CASE("privileged groups stand in a table of their own", "[settings]") {
  CHECK_THAT(finding(keys("privileged_groups = [\"admin\"]")),
             has("privileged_groups: stands in [privileged] now, as groups"));
}

TEST_CASE("a setting of security keys that nobody knows is refused", "[settings]") {
  CHECK_THAT(finding(keys("password_less = true")),
             has("[security_keys] has no setting \"password_less\"; did you mean "
                 "\"passwordless\"?"));
  CHECK_THAT(finding(model("groups = [\"a\"]\naaguids = "
                           "[\"00000000000000000000000000000001\"]\nname = \"x\"")),
             has("[[security_keys.model]] has no setting \"name\""));
}

TEST_CASE("a model rule that names no group, or no model, is refused", "[settings]") {
  const std::string aaguids = "aaguids = [\"ee882879-721c-4913-9775-3dfcce97072a\"]";
  CHECK_THAT(finding(model(aaguids)), has("[[security_keys.model]] groups: is missing"));
  CHECK_THAT(finding(model("groups = []\n" + aaguids)), has("groups: is missing"));
  CHECK_THAT(finding(model("groups = [\"ta x\"]\n" + aaguids)),
             has("groups: \"ta x\" is no group name"));
  CHECK_THAT(finding(model("groups = [\"admin\"]")), has("aaguids: is missing; name the models"));
  CHECK_THAT(finding(model("groups = [\"admin\"]\naaguids = []")), has("aaguids: is missing"));
}

TEST_CASE("what is no AAGUID is refused", "[settings]") {
  for (const char* wrong :
       {"-", "ee882879-721c-4913-9775-3dfcce97072", "ee882879-721c-4913-9775-3dfcce97072ag",
        "YubiKey 5", "ee882879 721c 4913 9775 3dfcce97072a"}) {
    INFO(wrong);
    CHECK_THAT(finding(model("groups = [\"admin\"]\naaguids = [\"" + std::string(wrong) + "\"]")),
               has("aaguids: \"" + std::string(wrong) + "\" is no AAGUID, like"));
  }
}

TEST_CASE("a model cannot be demanded while nobody vouches for models", "[settings]") {
  CHECK_THAT(finding(with(joined({kModel, "groups = [\"admin\"]\naaguids = ",
                                  "[\"ee882879721c491397753dfcce97072a\"]\n"}))),
             has("aaguids: needs [security_keys] trust_anchors"));
}

TEST_CASE("model rules are read whole, their AAGUIDs in one form", "[settings]") {
  const Settings settings =
      good(model("groups = [\"admin\", \"kacho\"]\naaguids = "
                 "[\"EE882879-721C-4913-9775-3DFCCE97072A\", "
                 "\"00000000000000000000000000000001\"]\n" +
                 std::string(kModel) +
                 "groups = [\"tax\"]\naaguids = [\"00000000000000000000000000000002\"]"));
  const auto& models = settings.policy.security_keys.models;
  REQUIRE(models.size() == 2);
  CHECK(models[0].groups == std::vector<std::string>{"admin", "kacho"});
  CHECK(models[0].aaguids == std::vector<std::string>{"ee882879721c491397753dfcce97072a",
                                                      "00000000000000000000000000000001"});
  CHECK(models[1].groups == std::vector<std::string>{"tax"});
  CHECK(settings.trust_anchors_path == "/etc/sekisho/anchors");
  CHECK(good(keys("trust_anchors = \"/srv/anchors\"")).trust_anchors_path == "/srv/anchors");
}

// ---- terminals

TEST_CASE("a terminal cannot be told to do without a second factor", "[settings]") {
  for (const char* wrong : {"password", "totp", "", "FIDO2"}) {
    CHECK_THAT(finding(with("[terminals]\nrequire = \"" + std::string(wrong) + "\"\n")),
               has("[terminals] require: must be \"any-second-factor\", \"fido2\" or "
                   "\"fido2+uv\""));
    CHECK_THAT(finding(with("[[terminals.service]]\nname = \"sudo\"\nrequire = \"" +
                            std::string(wrong) + "\"\n")),
               has("[[terminals.service]] require: must be \"any-second-factor\", \"fido2\" or"));
  }
}

TEST_CASE("a terminal's service needs a name that a PAM service can have, once", "[settings]") {
  CHECK_THAT(finding(with("[[terminals.service]]\nrequire = \"fido2\"\n")),
             has("[[terminals.service]] name: is missing"));
  for (const char* wrong : {"su do", "../sudo", "user:sudo"}) {
    CHECK_THAT(finding(with("[[terminals.service]]\nname = \"" + std::string(wrong) + "\"\n")),
               has("[[terminals.service]] name: must be the name of a PAM service, like \"sudo\""));
  }
  CHECK_THAT(finding(with("[[terminals.service]]\nname = \"sudo\"\n"
                          "[[terminals.service]]\nname = \"sudo\"\nrequire = \"fido2\"\n")),
             has("[[terminals.service]] name: is there twice"));
  CHECK_THAT(finding(with("[[terminals.service]]\nname = \"sudo\"\nrequires = \"fido2\"\n")),
             has("[[terminals.service]] has no setting \"requires\"; did you mean \"require\"?"));
}

TEST_CASE("what a terminal's service asks for is its own, or else that of all", "[settings]") {
  CHECK(good(kGood).policy.terminal.required_by("sudo") == Assurance::kSecondFactor);
  const Settings settings =
      good(with("[terminals]\nrequire = \"fido2\"\n"
                "[[terminals.service]]\nname = \"sudo\"\nrequire = \"fido2+uv\"\n"
                "[[terminals.service]]\nname = \"cron-gui\"\n"));
  const authn::TerminalPolicy& policy = settings.policy.terminal;
  CHECK(policy.required_by("login") == Assurance::kSecurityKey);
  CHECK(policy.required_by("sudo") == Assurance::kVerifiedKey);
  CHECK(policy.required_by("user:sudo") == Assurance::kVerifiedKey);
  CHECK(policy.required_by("cron-gui") == Assurance::kSecondFactor);
}

// ---- applications

TEST_CASE("a rule may ask for a key, or a key with its PIN", "[settings]") {
  const auto required = [](const std::string& require) {
    return good(with("require = \"" + require + "\"\n"))
        .applications[0]
        .application.rules[0]
        .require;
  };
  CHECK(required("fido2") == Assurance::kSecurityKey);
  CHECK(required("fido2+uv") == Assurance::kVerifiedKey);
  CHECK(required("any-second-factor") == Assurance::kSecondFactor);
  for (const char* wrong : {"fido2+pin", "FIDO2", "security_key", "fido2 +uv"}) {
    CHECK_THAT(finding(with("require = \"" + std::string(wrong) + "\"\n")),
               has("require: must be \"any-second-factor\", \"fido2\", \"fido2+uv\" or"));
  }
}

}  // namespace
}  // namespace sekisho::settings
