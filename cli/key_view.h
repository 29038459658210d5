// How security keys are shown.

#ifndef SEKISHO_CLI_KEY_VIEW_H_
#define SEKISHO_CLI_KEY_VIEW_H_

#include <optional>
#include <string>
#include <vector>

#include "cli/view.h"
#include "store/security_keys.h"

namespace sekisho::cli {

// An AAGUID as makers print it; nullopt when it is zero, so that the key tells no model.
std::optional<std::string> key_model(ByteView aaguid);

Listing list_keys(const std::vector<store::SecurityKey>& keys);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_KEY_VIEW_H_
