// What holds, for the auditor: every setting with its unit and where it comes from, and the numbers
// that no setting changes.

#ifndef SEKISHO_CLI_SETTINGS_VIEW_H_
#define SEKISHO_CLI_SETTINGS_VIEW_H_

#include "cli/view.h"
#include "settings/settings.h"

namespace sekisho::cli {

Record show_settings(const settings::Settings& settings);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_SETTINGS_VIEW_H_
