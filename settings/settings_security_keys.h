// The [security_keys] part of the configuration, and what terminals' services ask for.
#ifndef SEKISHO_SETTINGS_SETTINGS_SECURITY_KEYS_H_
#define SEKISHO_SETTINGS_SETTINGS_SECURITY_KEYS_H_

#include "settings/settings.h"
#include "settings/table_reader.h"

namespace sekisho::settings {

// Complains of what cannot be the name of a group.
void require_group_names(TableReader& reader, std::string_view key,
                         const std::vector<std::string>& groups);
// `require`, where a password alone is never enough.
authn::Assurance required_factor(TableReader& reader, authn::Assurance fallback);

// Precondition: the portal was read.
void read_security_keys(TableReader& root, Settings& settings, Reading& reading);

// `require` of [terminals] and every [[terminals.service]].
void read_terminal_services(TableReader& terminals, Settings& settings, Reading& reading);

}  // namespace sekisho::settings

#endif  // SEKISHO_SETTINGS_SETTINGS_SECURITY_KEYS_H_
