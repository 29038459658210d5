// Where a person goes after signing in: only to the portal or an application of the
// configuration, never to an address a stranger chose (open redirects).

#ifndef SEKISHO_GATEWAY_RETURN_ADDRESS_H_
#define SEKISHO_GATEWAY_RETURN_ADDRESS_H_

#include <string>
#include <string_view>

#include "gateway/site.h"

namespace sekisho::gateway {

// Pages of the portal that a person may be sent back to after proving a factor again.
inline constexpr std::string_view kAddKeyPath = "/keys/add";
inline constexpr std::string_view kKeysPath = "/keys";

// `wanted` when it is safe, "/" otherwise.  Safe is "/" and the two above on the portal, and
// "https://" with the host of an application, without user name, control characters or backslashes.
std::string safe_return_address(const Site& site, std::string_view wanted);

// The application and what of it a safe address names; nullopt for the portal.
struct ApplicationAddress {
  const authn::Application* application = nullptr;  // the site's
  std::string target;                               // path and query, beginning with "/"
};
std::optional<ApplicationAddress> application_address(const Site& site,
                                                      std::string_view return_address);

// The application an address leads to, for people; empty for the portal.
std::string destination_of(const Site& site, std::string_view return_address);

// The portal's address that asks to sign in and then leads to `wanted`.
std::string sign_in_address(const Site& site, std::string_view wanted);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_RETURN_ADDRESS_H_
