// Everything the configuration says, ready for use: rules, names, certificates.  A Site is never
// changed; a reload makes a new one, and requests in flight finish with the one they began with.

#ifndef SEKISHO_GATEWAY_SITE_H_
#define SEKISHO_GATEWAY_SITE_H_

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "authn/access_rules.h"
#include "authn/factors/trust_anchors.h"
#include "base/result.h"
#include "certs/authority.h"
#include "gateway/site_counters.h"
#include "gateway/upstream_health.h"
#include "settings/settings.h"

namespace sekisho::gateway {

struct UpstreamTarget {
  settings::Upstream address;
  std::shared_ptr<boost::asio::ssl::context> tls;  // nullptr: plain http
  std::string key;  // which kept connections may be shared: "https tax.internal:443 <ca>"
  std::shared_ptr<UpstreamHealth> health;  // never nullptr
};

struct Site {
  settings::Settings settings;
  authn::AccessRules rules;
  // Beside rules.applications(), by index; none: the application is reached by another proxy.
  std::vector<std::vector<UpstreamTarget>> upstreams;
  std::string session_cookie;  // "__Host-sekisho" or "__Secure-sekisho"
  // Beside settings.listeners, by index; nullptr for plain ones.
  std::vector<std::shared_ptr<boost::asio::ssl::context>> tls;
  std::shared_ptr<const certs::CertificateAuthority> authority;
  std::shared_ptr<const authn::TrustAnchors> anchors;  // of keys' makers; never nullptr
  std::unique_ptr<const SiteCounters> counters;        // never nullptr

  // The application that the proxy serves under this name; nullptr: none.
  const authn::Application* served_at(std::string_view host) const {
    const authn::Application* const application = rules.application_at(host);
    const bool is_served = application != nullptr && !upstreams[index_of(*application)].empty();
    return is_served ? application : nullptr;
  }

  // Index of an application in rules.applications().
  std::size_t index_of(const authn::Application& application) const {
    return static_cast<std::size_t>(&application - rules.applications().data());
  }
};

// Reads certificates and keys; the message names the file that is wrong.
Result<std::shared_ptr<const Site>> make_site(settings::Settings settings, Instant now);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_SITE_H_
