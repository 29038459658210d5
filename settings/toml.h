// toml++ as we use it: header-only, without exceptions.
#ifndef SEKISHO_SETTINGS_TOML_H_
#define SEKISHO_SETTINGS_TOML_H_

#define TOML_EXCEPTIONS 0
// The library asserts on some text that is no TOML ("[[", "[=") before it reports it as an error.
#define TOML_ASSERT(condition) static_cast<void>(0)
#include <toml++/toml.h>

#endif  // SEKISHO_SETTINGS_TOML_H_
