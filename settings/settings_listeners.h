// The [[listener]] tables of the configuration.
#ifndef SEKISHO_SETTINGS_SETTINGS_LISTENERS_H_
#define SEKISHO_SETTINGS_SETTINGS_LISTENERS_H_

#include "settings/settings.h"
#include "settings/table_reader.h"

namespace sekisho::settings {

// Precondition: the segment was read.
void read_listeners(TableReader& root, Settings& settings, Reading& reading);

}  // namespace sekisho::settings

#endif  // SEKISHO_SETTINGS_SETTINGS_LISTENERS_H_
