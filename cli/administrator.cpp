#include "cli/administrator.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace sekisho::cli {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr unsigned long long kNoLoginId = 4294967295ULL;  // (uid_t)-1: nobody logged in

std::string user_name_of(uid_t id) {
  std::vector<char> space(4096);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(id, &entry, space.data(), space.size(), &found) == 0 && found != nullptr) {
    return entry.pw_name;
  }
  return "uid " + std::to_string(id);
}

std::optional<std::string> login_user() {
  const Result<std::string> text = read_file("/proc/self/loginuid", 32);
  if (!text) return std::nullopt;
  std::string_view digits = *text;
  while (digits.ends_with('\n')) digits.remove_suffix(1);
  const auto id = parse_unsigned(digits);
  if (!id || *id >= kNoLoginId) return std::nullopt;
  return user_name_of(static_cast<uid_t>(*id));
}

std::string shown(std::string_view name) {
  return printable(name.substr(0, kLongestName));
}

}  // namespace

Identity identity_of_process() {
  Identity identity;
  identity.user = user_name_of(::getuid());
  identity.is_root = ::getuid() == 0;
  if (const char* sudo_user = ::getenv("SUDO_USER"); sudo_user != nullptr && *sudo_user != '\0') {
    identity.sudo_user = sudo_user;
  }
  identity.login_user = login_user();
  return identity;
}

std::string administrator_name(const Identity& identity) {
  std::string name = "admin:" + shown(identity.user);
  if (identity.is_root && identity.sudo_user) {
    return name + " (sudo: " + shown(*identity.sudo_user) + ")";
  }
  if (identity.login_user && *identity.login_user != identity.user) {
    return name + " (login: " + shown(*identity.login_user) + ")";
  }
  return name;
}

}  // namespace sekisho::cli
