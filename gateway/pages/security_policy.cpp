// The Content-Security-Policy that fits the pages (ASVS 3.4.3, 3.4.6).

#include <optional>

#include "base/text.h"
#include "gateway/pages/pages.h"

namespace sekisho::pages {
namespace {

// "https://host:port" of an absolute address; nullopt for a path and for anything whose origin
// holds more than the letters of a host name and port, so that no address can add to the policy.
std::optional<std::string> origin_of(std::string_view address) {
  constexpr std::string_view kSchemes[] = {"https://", "http://"};
  for (const std::string_view scheme : kSchemes) {
    if (!equals_ignoring_case(address.substr(0, scheme.size()), scheme)) continue;
    const std::string_view authority = address.substr(
        scheme.size(), address.find_first_of("/?#\\", scheme.size()) - scheme.size());
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
    const std::string host = lower_case(authority);
    if (host.empty() || host.find_first_not_of(kAllowed) != std::string::npos) return std::nullopt;
    return std::string(scheme) + host;
  }
  return std::nullopt;
}

}  // namespace

std::string content_security_policy(std::string_view portal_origin, std::string_view return_to,
                                    Scripts scripts) {
  const std::string portal = origin_of(portal_origin).value_or("'self'");
  std::string policy = "default-src 'none'; style-src " + portal + "; img-src " + portal;
  if (scripts == Scripts::kOwn) policy += "; script-src " + portal;
  policy += "; form-action 'self'";
  if (const auto target = origin_of(return_to)) policy += " " + *target;
  return policy + "; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";
}

}  // namespace sekisho::pages
