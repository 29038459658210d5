// The [security_keys] part of the configuration, and what terminals' services ask for.
#ifndef SEKISHO_SETTINGS_SETTINGS_SECURITY_KEYS_H_
#define SEKISHO_SETTINGS_SETTINGS_SECURITY_KEYS_H_

#include "settings/settings.h"
#include "settings/table_reader.h"

namespace sekisho::settings {

// Precondition: the portal was read.
void read_security_keys(TableReader& root, Settings& settings, Reading& reading);

// `require` of [terminals] and every [[terminals.service]].
void read_terminal_services(TableReader& terminals, Settings& settings, Reading& reading);

}  // namespace sekisho::settings

#endif  // SEKISHO_SETTINGS_SETTINGS_SECURITY_KEYS_H_
