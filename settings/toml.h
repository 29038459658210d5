// toml++ as we use it: header-only, without exceptions.
#ifndef SEKISHO_SETTINGS_TOML_H_
#define SEKISHO_SETTINGS_TOML_H_

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#endif  // SEKISHO_SETTINGS_TOML_H_
