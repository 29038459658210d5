#include "gateway/site.h"

#include "base/file.h"
#include "certs/certificate.h"
#include "gateway/tls.h"

namespace sekisho::gateway {
namespace {

std::vector<std::string> host_names(const settings::Settings& settings) {
  std::vector<std::string> names = {settings.portal_host};
  for (const auto& entry : settings.applications) names.push_back(entry.application.host);
  return names;
}

Result<TlsContext> listener_context(const Site& site, const settings::Listener& listener,
                                    Instant now) {
  switch (listener.kind) {
    case settings::Listener::Kind::kWeb:
      return web_server_context(listener.certificate_path, listener.key_path,
                                host_names(site.settings));
    case settings::Listener::Kind::kTerminal:
      return terminal_server_context(*site.authority, listener.names, now);
    case settings::Listener::Kind::kMetrics:
    case settings::Listener::Kind::kCheck:
      return TlsContext();
  }
  return TlsContext();
}

Result<UpstreamTarget> upstream_target(const settings::Upstream& upstream) {
  UpstreamTarget target{upstream, nullptr, {}, nullptr};
  target.key = std::string(target.address.is_tls ? "https " : "http ") + target.address.host + ":" +
               std::to_string(target.address.port) + " " +
               (target.address.is_tls ? target.address.ca_path : "");
  if (target.address.is_tls) {
    target.key += " " + target.address.crl_path;
    Result<TlsContext> context = upstream_context(target.address.ca_path, target.address.crl_path);
    if (!context) return fail(context.error());
    target.tls = *context;
  }
  target.health = UpstreamHealth::of(target.key);
  return target;
}

}  // namespace

Result<std::shared_ptr<const Site>> make_site(settings::Settings settings, Instant now) {
  auto site = std::make_shared<Site>();
  site->settings = std::move(settings);
  site->rules = site->settings.access_rules();
  site->counters = std::make_unique<SiteCounters>(site->rules.applications());
  site->session_cookie =
      site->settings.cookie_domain.empty() ? "__Host-sekisho" : "__Secure-sekisho";

  const auto ca = read_file(site->settings.ca_certificate_path, certs::kMaxPemBytes);
  if (!ca) return fail(ca.error());
  const auto ca_key = read_secret_file(site->settings.ca_key_path, certs::kMaxPemBytes);
  if (!ca_key) return fail(ca_key.error());
  auto authority = certs::CertificateAuthority::load(*ca, *ca_key);
  if (!authority) {
    return fail(authority.error().code,
                site->settings.ca_certificate_path + ": " + authority.error().message);
  }
  site->authority = std::make_shared<certs::CertificateAuthority>(std::move(*authority));

  authn::TrustAnchors anchors;
  if (!site->settings.trust_anchors_path.empty()) {
    auto loaded = authn::TrustAnchors::load(site->settings.trust_anchors_path);
    if (!loaded) return fail(loaded.error());
    anchors = std::move(*loaded);
  }
  site->anchors = std::make_shared<authn::TrustAnchors>(std::move(anchors));

  for (const auto& listener : site->settings.listeners) {
    Result<TlsContext> context = listener_context(*site, listener, now);
    if (!context) return fail(context.error());
    site->tls.push_back(std::move(*context));
  }
  for (const auto& entry : site->settings.applications) {
    std::vector<UpstreamTarget>& targets = site->upstreams.emplace_back();
    for (const settings::Upstream& upstream : entry.upstreams) {
      auto target = upstream_target(upstream);
      if (!target) return fail(target.error());
      targets.push_back(std::move(*target));
    }
  }
  return std::shared_ptr<const Site>(std::move(site));
}

}  // namespace sekisho::gateway
