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

void append_identity_token(std::string& out, std::string_view token) {
  if (token.empty()) return;
  out.append("Sekisho-Identity: ").append(token).append("\r\n");
}

bool is_reserved_field(std::string_view name) {
  // By which servers and frameworks let a client change who asks, from where, or for what.
  static constexpr std::array<std::string_view, 14> kNames = {
      "Forwarded",           "X-Forwarded",
      "X-Real-IP",           "X-Client-IP",
      "Client-IP",           "True-Client-IP",
      "X-Cluster-Client-IP", "X-Rewrite-URL",
      "X-HTTP-Method",       "X-HTTP-Method-Override",
      "X-Method-Override",   "X-Host",
      "X-Url-Scheme",        "Proxy"};
  static constexpr std::array<std::string_view, 5> kPrefixes = {
      "Remote-", "X-Remote-", "X-Forwarded-", "X-Original-", "Sekisho-"};
  switch (name.empty() ? '\0' : static_cast<char>(name.front() | 0x20)) {
    case 'c':
    case 'f':
    case 'p':
    case 'r':
    case 's':
    case 't':
    case 'x':
      for (const std::string_view prefix : kPrefixes) {
        if (begins_with(name, prefix)) return true;
      }
      for (const std::string_view known : kNames) {
        if (equals_ignoring_case(name, known)) return true;
      }
      break;
    default:
      break;
  }
  // Gateways to programs make '_' of whatever is no letter: Remote.User would become REMOTE_USER.
  return !std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_hop_by_hop(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "Connection", "Keep-Alive", "Proxy-Connection",   "Transfer-Encoding",  "TE",
      "Trailer",    "Upgrade",    "Proxy-Authenticate", "Proxy-Authorization"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view known) { return equals_ignoring_case(name, known); });
}

}  // namespace sekisho::gateway
