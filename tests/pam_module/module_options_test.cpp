#include "pam_module/module_options.h"

#include <initializer_list>

#include "tests/support/catch.h"

namespace sekisho::pam {
namespace {

Result<ModuleOptions> parsed(std::initializer_list<const char*> arguments) {
  return parse_options(std::span<const char* const>(arguments.begin(), arguments.size()));
}

TEST_CASE("no option at all gives the defaults", "[pam]") {
  const Result<ModuleOptions> options = parsed({});
  REQUIRE(options);
  CHECK(options->socket == "/run/sekisho/agent.sock");
  CHECK(options->timeout == std::chrono::seconds(20));
  CHECK_FALSE(options->language);
  CHECK(options->first_pass == ModuleOptions::FirstPass::kIgnore);
  CHECK(options->delays_refusals);
  CHECK_FALSE(options->debug);
}

TEST_CASE("every option is taken", "[pam]") {
  const Result<ModuleOptions> options =
      parsed({"socket=/tmp/s", "timeout=300", "lang=en", "first_pass=use", "nodelay", "debug"});
  REQUIRE(options);
  CHECK(options->socket == "/tmp/s");
  CHECK(options->timeout == std::chrono::seconds(300));
  CHECK(options->language == conversation::Language::kEnglish);
  CHECK(options->first_pass == ModuleOptions::FirstPass::kUse);
  CHECK_FALSE(options->delays_refusals);
  CHECK(options->debug);
}

TEST_CASE("a misspelt option or an impossible value refuses everybody", "[pam]") {
  const std::string long_path = "socket=/" + std::string(107, 'x');
  for (const char* const argument :
       {"", "nullok", "debgu", "debug=1", "nodelay=", "socket", "socket=", "socket=relative",
        "timeout=0", "timeout=301", "timeout=-1", "timeout=2s", "lang=", "lang=fr",
        "first_pass=try", "=", long_path.c_str()}) {
    INFO(argument);
    const Result<ModuleOptions> options = parsed({"debug", argument});
    REQUIRE_FALSE(options);
    CHECK(options.error().code == ErrorCode::kInvalid);
    CHECK(options.error().message.find(argument) != std::string::npos);
  }
}

}  // namespace
}  // namespace sekisho::pam
