#include "gateway/return_address.h"

#include <algorithm>

#include "base/encoding.h"

namespace sekisho::gateway {
namespace {

constexpr std::string_view kScheme = "https://";

const authn::Application* application_of(const Site& site, std::string_view address) {
  if (!address.starts_with(kScheme)) return nullptr;
  const std::string_view rest = address.substr(kScheme.size());
  const auto host = authn::host_for_rules(rest.substr(0, rest.find_first_of("/?#")));
  return host ? site.rules.application_at(*host) : nullptr;
}

}  // namespace

std::string safe_return_address(const Site& site, std::string_view wanted) {
  if (wanted == kAddKeyPath || wanted == kKeysPath) return std::string(wanted);
  if (wanted.size() > 2048) return "/";
  const bool is_plain = std::all_of(wanted.begin(), wanted.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f && c != '\\' && c != '"' && c != '<' && c != '>';
  });
  // host_for_rules refuses '@' and everything else that is no host name or port.
  if (!is_plain || application_of(site, wanted) == nullptr) return "/";
  return std::string(wanted);
}

std::optional<ApplicationAddress> application_address(const Site& site,
                                                      std::string_view return_address) {
  const authn::Application* application = application_of(site, return_address);
  if (application == nullptr) return std::nullopt;
  const std::string_view rest = return_address.substr(kScheme.size());
  const std::size_t slash = rest.find_first_of("/?#");
  std::string target(slash == std::string_view::npos ? "/" : rest.substr(slash));
  target = target.substr(0, target.find('#'));
  if (!target.starts_with('/')) target.insert(0, "/");
  return ApplicationAddress{application, std::move(target)};
}

std::string destination_of(const Site& site, std::string_view return_address) {
  const authn::Application* application = application_of(site, return_address);
  if (application == nullptr) return {};
  return site.settings.applications[site.index_of(*application)].title;
}

std::string sign_in_address(const Site& site, std::string_view wanted) {
  const std::string safe = safe_return_address(site, wanted);
  if (safe == "/") return site.settings.portal_url + "/";
  return site.settings.portal_url + "/?rd=" + percent_encoded(safe);
}

}  // namespace sekisho::gateway
