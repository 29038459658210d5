#include "agent/admission.h"

#include <unistd.h>

#include "tests/support/catch.h"

namespace sekisho::agent {
namespace {

TEST_CASE("root may ask about anybody, others about themselves only", "[agent]") {
  CHECK(may_ask_about(0, std::nullopt, "taro"));
  CHECK(may_ask_about(1000, "taro", "taro"));
  CHECK_FALSE(may_ask_about(1000, "taro", "hanako"));
  CHECK_FALSE(may_ask_about(1000, "taro", "root"));
  CHECK_FALSE(may_ask_about(1000, "taro", "Taro"));
  CHECK_FALSE(may_ask_about(1000, "taro", ""));
}

TEST_CASE("a user without a name may ask about nobody", "[agent]") {
  CHECK_FALSE(may_ask_about(1000, std::nullopt, ""));
  CHECK_FALSE(may_ask_about(1000, "", ""));
  CHECK_FALSE(may_ask_about(1000, std::nullopt, "taro"));
}

TEST_CASE("a user's name comes from the system", "[agent]") {
  CHECK(user_name_of(0) == "root");
  CHECK_FALSE(user_name_of(4'000'000'000U));
}

TEST_CASE("one user cannot take the conversations of the others", "[agent]") {
  Admission admission;
  for (int i = 0; i < Admission::kMostOfOneUser; ++i) CHECK(admission.enter(1000));
  CHECK_FALSE(admission.enter(1000));
  CHECK(admission.enter(1001));
  CHECK(admission.enter(0));
  admission.leave(1000);
  CHECK(admission.enter(1000));
}

TEST_CASE("all users together cannot take root's", "[agent]") {
  Admission admission;
  for (uid_t user = 1; user <= Admission::kMostOfAllUsers; ++user) CHECK(admission.enter(user));
  CHECK_FALSE(admission.enter(5000));
  for (int i = 0; i < Admission::kMostOfRoot; ++i) CHECK(admission.enter(0));
  CHECK_FALSE(admission.enter(0));
  for (uid_t user = 1; user <= Admission::kMostOfAllUsers; ++user) admission.leave(user);
  for (int i = 0; i < Admission::kMostOfRoot; ++i) admission.leave(0);
  CHECK(admission.is_empty());
}

}  // namespace
}  // namespace sekisho::agent
