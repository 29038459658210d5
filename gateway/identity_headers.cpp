#include "gateway/identity_headers.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sekisho::gateway {
namespace {

bool begins_with(std::string_view name, std::string_view prefix) {
  return name.size() >= prefix.size() &&
         equals_ignoring_case(name.substr(0, prefix.size()), prefix);
}

}  // namespace

void append_identity(std::string& out, const authn::LiveUser& user) {
  // Names and groups hold no CR or LF: authn::is_name and is_display_name.
  out.append("Remote-User: ").append(user.name).append("\r\nRemote-Name: ");
  out.append(user.display_name.empty() ? user.name : user.display_name);
  out.append("\r\nRemote-Groups: ");
  bool is_first = true;
  for (const std::string& group : user.groups) {
    if (!is_first) out.push_back(',');
    out.append(group);
    is_first = false;
  }
  out.append("\r\n");
}

bool is_reserved_field(std::string_view name) {
  switch (name.empty() ? '\0' : static_cast<char>(name.front() | 0x20)) {
    case 'r':
      if (begins_with(name, "Remote-")) return true;
      break;
    case 'x':
      if (begins_with(name, "X-Remote-") || begins_with(name, "X-Forwarded-") ||
          begins_with(name, "X-Original-") || equals_ignoring_case(name, "X-Real-IP")) {
        return true;
      }
      break;
    case 'f':
      if (equals_ignoring_case(name, "Forwarded")) return true;
      break;
    case 's':
      if (begins_with(name, "Sekisho-")) return true;
      break;
    default:
      break;
  }
  return name.find('_') != std::string_view::npos;
}

bool is_hop_by_hop(std::string_view name) {
  static constexpr std::array kNames = {
      "Connection", "Keep-Alive", "Proxy-Connection",   "Transfer-Encoding",  "TE",
      "Trailer",    "Upgrade",    "Proxy-Authenticate", "Proxy-Authorization"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](const char* known) { return equals_ignoring_case(name, known); });
}

}  // namespace sekisho::gateway
