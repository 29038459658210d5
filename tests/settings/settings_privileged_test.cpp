// What [privileged] may say: never less strict than what holds for everybody.
#include "tests/settings/small_town.h"

namespace sekisho::settings {
namespace {

using namespace std::chrono_literals;
using testing::has;

std::string town(std::string_view lines) {
  return joined({kSegment, kTown, "[sessions]\nidle = \"10m\"\nabsolute = \"8h\"\n", lines});
}

std::string privileged(std::string_view lines) {
  return town(joined({"[privileged]\ngroups = [\"admin\", \"kacho\"]\n", lines, "\n"}));
}

TEST_CASE("nobody is privileged unless the file says so", "[settings]") {
  const authn::PrivilegedPolicy policy = good(town("")).policy.privileged;
  CHECK(policy.groups.empty());
  CHECK_FALSE(policy.covers({"admin"}));
}

TEST_CASE("what is not said of privileged groups holds as for everybody", "[settings]") {
  const authn::Policy policy = good(privileged("")).policy;
  CHECK(policy.privileged.groups == std::vector<std::string>{"admin", "kacho"});
  CHECK(policy.privileged.require == authn::Assurance::kSecondFactor);
  CHECK(policy.privileged.lock_after == policy.throttle.lock_after);
  CHECK(policy.session_of({"admin"}) == policy.session);
}

TEST_CASE("privileged groups may be held to more", "[settings]") {
  const authn::Policy policy =
      good(privileged("require = \"fido2+uv\"\nlock_after = 3\nidle = \"5m\"\nabsolute = \"2h\""))
          .policy;
  CHECK(policy.privileged.require == authn::Assurance::kVerifiedKey);
  CHECK(policy.privileged.lock_after == 3);
  CHECK(policy.session_of({"tax", "kacho"}).idle == 5min);
  CHECK(policy.session_of({"tax", "kacho"}).absolute == 2h);
  CHECK(policy.session_of({"tax"}) == policy.session);
}

TEST_CASE("privileged groups cannot be held to less", "[settings]") {
  CHECK_THAT(finding(privileged("idle = \"11m\"")), has("idle: is longer than [sessions] idle"));
  CHECK_THAT(finding(privileged("absolute = \"9h\"")),
             has("absolute: is longer than [sessions] absolute"));
  CHECK_THAT(finding(privileged("lock_after = 6")),
             has("lock_after: is more than [throttle] lock_after"));
  CHECK_THAT(finding(privileged("require = \"password\"")),
             has("require: must be \"any-second-factor\""));
}

TEST_CASE("what is for privileged groups names them", "[settings]") {
  CHECK_THAT(finding(town("[privileged]\nidle = \"5m\"\n")),
             has("groups: is missing: the rest of the table is for nobody"));
  CHECK_THAT(finding(town("[privileged]\ngroups = [\"ta x\"]\n")),
             has("groups: \"ta x\" is no group name"));
}

}  // namespace
}  // namespace sekisho::settings
