#include "settings/settings_security_keys.h"

#include <algorithm>

#include "authn/administration.h"
#include "base/encoding.h"
#include "base/text.h"
#include "settings/settings_applications.h"

namespace sekisho::settings {
namespace {

using namespace std::chrono_literals;

// "ee882879-721c-4913-9775-3dfcce97072a", hyphens or not, as 32 lower-case digits.
std::optional<std::string> aaguid_of(std::string_view text) {
  std::string digits;
  for (const char c : lower_case(text)) {
    if (c != '-') digits.push_back(c);
  }
  const auto bytes = bytes_from_hex(digits);
  return bytes && bytes->size() == 16 ? std::optional(digits) : std::nullopt;
}

void read_model(const toml::table* table, Settings& settings, Reading& reading) {
  TableReader reader(table, "[[security_keys.model]]", 0, reading);
  authn::SecurityKeyPolicy::ModelRule rule;
  rule.groups = reader.texts("groups");
  if (rule.groups.empty()) {
    reader.complain("groups", "is missing; name the groups whose keys must be of these models");
  }
  require_group_names(reader, "groups", rule.groups);
  for (const std::string& text : reader.texts("aaguids")) {
    const auto aaguid = aaguid_of(text);
    if (!aaguid) {
      reader.complain("aaguids", "\"" + text +
                                     "\" is no AAGUID, like "
                                     "\"ee882879-721c-4913-9775-3dfcce97072a\"");
      continue;
    }
    rule.aaguids.push_back(*aaguid);
  }
  if (!reader.has("aaguids") || reader.is_empty_list("aaguids")) {
    reader.complain("aaguids",
                    "is missing; name the models, or nobody of these groups can add a key");
  }
  if (settings.trust_anchors_path.empty()) {
    reader.complain("aaguids",
                    "needs [security_keys] trust_anchors, a folder with the makers' certificates: "
                    "without them nobody vouches for a model");
  }
  reader.finish();
  settings.policy.security_keys.models.push_back(std::move(rule));
}

// Browsers take the portal's own host, or a domain above it that is not everybody's.
void read_relying_party(TableReader& keys, Settings& settings) {
  std::string& rp_id = settings.policy.security_keys.rp_id;
  rp_id = lower_case(keys.text("relying_party", settings.portal_host));
  if (settings.portal_host.empty() || rp_id == settings.portal_host) return;
  const bool is_above = settings.portal_host.ends_with("." + rp_id);
  if (!is_above || rp_id.find('.') == std::string::npos) {
    keys.complain("relying_party", "must be the portal's host \"" + settings.portal_host +
                                       "\" or a domain above it with at least two parts");
  }
}

}  // namespace

void require_group_names(TableReader& reader, std::string_view key,
                         const std::vector<std::string>& groups) {
  for (const std::string& group : groups) {
    if (!authn::is_name(group)) reader.complain(key, "\"" + group + "\" is no group name");
  }
}

authn::Assurance required_factor(TableReader& reader, authn::Assurance fallback) {
  const std::string text = reader.text("require", std::string(authn::name_of(fallback)));
  const auto assurance = authn::assurance_named(text);
  if (!assurance || *assurance < authn::Assurance::kSecondFactor) {
    reader.complain("require", "must be \"any-second-factor\", \"fido2\" or \"fido2+uv\"");
    return authn::Assurance::kSecondFactor;
  }
  return *assurance;
}

void read_security_keys(TableReader& root, Settings& settings, Reading& reading) {
  authn::SecurityKeyPolicy& policy = settings.policy.security_keys;
  TableReader keys(root.table("security_keys"), "[security_keys]", 0, reading);
  read_relying_party(keys, settings);
  const std::string verification = keys.text("user_verification", "preferred");
  if (verification != "preferred" && verification != "required") {
    keys.complain("user_verification", "must be \"preferred\" or \"required\"");
  }
  policy.requires_user_verification = verification == "required";
  policy.allows_passwordless = keys.flag("passwordless", policy.allows_passwordless);
  policy.allows_syncable = keys.flag("syncable", policy.allows_syncable);
  if (keys.has("privileged_groups")) {
    keys.complain("privileged_groups", "stands in [privileged] now, as groups");
  }
  policy.keys_most = keys.number("keys_most", policy.keys_most, 2, 16);
  policy.ceremony = keys.duration("ceremony", policy.ceremony, 1min, 10min);
  policy.fresh = keys.duration("fresh", policy.fresh, 1min, 60min);
  policy.enrolment = keys.duration("enrolment", policy.enrolment, 1min, 10min);
  settings.trust_anchors_path = resolve_path(settings.folder, keys.text("trust_anchors", ""));
  for (const toml::table* table : keys.tables("model")) read_model(table, settings, reading);
  keys.finish();
}

void read_terminal_services(TableReader& terminals, Settings& settings, Reading& reading) {
  authn::TerminalPolicy& policy = settings.policy.terminal;
  policy.require = required_factor(terminals, policy.require);
  for (const toml::table* table : terminals.tables("service")) {
    TableReader reader(table, "[[terminals.service]]", 0, reading);
    const std::string name = reader.required_text("name", "sudo");
    if (!name.empty() && !authn::is_name(name)) {
      reader.complain("name", "must be the name of a PAM service, like \"sudo\"");
    }
    const bool is_there = std::ranges::any_of(
        policy.services, [&](const auto& service) { return service.first == name; });
    if (is_there) reader.complain("name", "is there twice");
    policy.services.emplace_back(name, required_factor(reader, authn::Assurance::kSecondFactor));
    reader.finish();
  }
}

}  // namespace sekisho::settings
