#include "pam_module/module_options.h"

#include <sys/un.h>

#include <string_view>

#include "base/text.h"

namespace sekisho::pam {
namespace {

constexpr unsigned long long kLongestTimeout = 300;

// Applies one argument; false when it is no option or its value is impossible.
bool apply(std::string_view argument, ModuleOptions& options) {
  const std::size_t equals = argument.find('=');
  const std::string_view name = argument.substr(0, equals);
  if (equals == std::string_view::npos) {
    if (name == "nodelay") return options.delays_refusals = false, true;
    if (name == "debug") return options.debug = true, true;
    return false;
  }
  const std::string_view value = argument.substr(equals + 1);
  if (name == "socket") {
    options.socket = value;
    return value.starts_with('/') && value.size() < sizeof(sockaddr_un::sun_path);
  }
  if (name == "timeout") {
    const std::optional<unsigned long long> seconds = parse_unsigned(value);
    if (!seconds || *seconds < 1 || *seconds > kLongestTimeout) return false;
    options.timeout = std::chrono::seconds(*seconds);
    return true;
  }
  if (name == "lang") {
    options.language = conversation::language_named(value);
    return options.language.has_value();
  }
  if (name == "first_pass") {
    if (value == "use") return options.first_pass = ModuleOptions::FirstPass::kUse, true;
    if (value == "ignore") return options.first_pass = ModuleOptions::FirstPass::kIgnore, true;
  }
  return false;
}

}  // namespace

Result<ModuleOptions> parse_options(std::span<const char* const> arguments) {
  ModuleOptions options;
  for (const char* const argument : arguments) {
    if (!apply(argument, options)) {
      return fail(ErrorCode::kInvalid,
                  "\"" + printable(argument) +
                      "\" is not an option of pam_sekisho (socket=/PATH timeout=1..300 lang=ja|en "
                      "first_pass=use|ignore nodelay debug); everybody is refused");
    }
  }
  return options;
}

}  // namespace sekisho::pam
