// Where an application is, and when one of its servers counts as down.
#ifndef SEKISHO_SETTINGS_SETTINGS_UPSTREAMS_H_
#define SEKISHO_SETTINGS_SETTINGS_UPSTREAMS_H_

#include "settings/settings.h"
#include "settings/table_reader.h"

namespace sekisho::settings {

// `upstream` or `upstreams`, `upstream_ca`, `upstream_crl`, `answer_timeout` and the table
// [application.health]. Needs the segment, the limits and the authority's path of `settings`.
void read_upstreams(TableReader& reader, const Settings& settings, ApplicationEntry& entry,
                    Reading& reading);

}  // namespace sekisho::settings

#endif  // SEKISHO_SETTINGS_SETTINGS_UPSTREAMS_H_
