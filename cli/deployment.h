// A new deployment: the configuration's text, and the keys, authority, certificate and store that
// a configuration names.

#ifndef SEKISHO_CLI_DEPLOYMENT_H_
#define SEKISHO_CLI_DEPLOYMENT_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "certs/authority.h"
#include "cli/language.h"
#include "settings/settings.h"

namespace sekisho::cli {

// What a new configuration says.
struct Plan {
  std::vector<std::string> networks;  // of the segment
  std::string portal_url;
  std::string organization;
  std::string cookie_domain;
  std::string store_path;
  std::string web_address;       // "10.20.0.2:443"
  std::string terminal_address;  // "10.20.0.2:8444"
  std::vector<std::string> terminal_names;
};

// The text of sekishod.toml with a comment for each section.
std::string configuration_text(const Plan& plan, Language language);

// A new key and certificate for the web listeners, from the segment's own authority: it names the
// portal's host and, with a cookie domain, every host below that.
struct PortalCertificate {
  Secret key_pem;
  std::string chain_pem;  // leaf and authority
  certs::CertificateFacts facts;
};
Result<PortalCertificate> issue_portal_certificate(const certs::CertificateAuthority& authority,
                                                   const settings::Settings& settings, Instant now);

// Who shall own what is made; nullopt leaves it to the person who runs the command.
struct Owner {
  uid_t user = 0;
  gid_t group = 0;
};

// Makes files one after the other and takes all of them back when the whole is not finished.
class Deployment {
 public:
  Deployment(Random& random, const Clock& clock, std::optional<Owner> owner)
      : random_(random), clock_(clock), owner_(owner) {}
  ~Deployment();
  Deployment(const Deployment&) = delete;
  Deployment& operator=(const Deployment&) = delete;

  Result<void> add_configuration(const std::string& path, std::string_view text);
  // Keys, authority, store, and the certificate of each web listener that has none yet.
  // kAlreadyExists when a key, the authority or the store is there: nothing is overwritten.
  Result<void> add_parts(const settings::Settings& settings, const std::string& actor);
  // Keeps what was made.
  void finish() { made_.clear(); }

  const std::vector<std::string>& made() const { return made_; }
  const std::string& authority_fingerprint() const { return authority_fingerprint_; }

 private:
  // `mode` for the file; folders above it are made when they are missing.
  Result<void> add_file(const std::string& path, std::string_view content, mode_t mode);
  Result<void> add_folders(const std::string& path);
  Result<void> add_keys(const settings::Settings& settings);
  Result<void> add_authority_and_certificates(const settings::Settings& settings);
  Result<void> add_store(const settings::Settings& settings, const std::string& actor);
  Result<void> give_to_owner(const std::string& path, bool writable_by_owner);

  Random& random_;
  const Clock& clock_;
  std::optional<Owner> owner_;
  std::vector<std::string> made_;  // in order; folders too
  std::string authority_fingerprint_;
};

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_DEPLOYMENT_H_
