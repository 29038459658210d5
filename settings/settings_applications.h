// The [[application]] part of the configuration.
#ifndef SEKISHO_SETTINGS_SETTINGS_APPLICATIONS_H_
#define SEKISHO_SETTINGS_SETTINGS_APPLICATIONS_H_

#include <vector>

#include "settings/settings.h"
#include "settings/table_reader.h"

namespace sekisho::settings {

// Reads every [[application]] of the file; upstreams given as addresses must be in `segment`.
std::vector<ApplicationEntry> read_applications(TableReader& root, const Settings& settings,
                                                Reading& reading);

// `path` as written, from the folder of the file unless it is absolute.
std::string resolve_path(const std::string& folder, const std::string& path);

struct ParsedUrl {
  bool is_tls = false;
  std::string host;  // lower case; IPv6 without brackets
  std::uint16_t port = 0;
  bool has_port = false;
};
// "http://host:port" or "https://host", nothing after it; nullopt otherwise.
std::optional<ParsedUrl> parse_url(std::string_view url);

}  // namespace sekisho::settings

#endif  // SEKISHO_SETTINGS_SETTINGS_APPLICATIONS_H_
