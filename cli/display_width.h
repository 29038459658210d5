// How many columns of a terminal a text takes (Unicode Standard Annex #11, East Asian Width).

#ifndef SEKISHO_CLI_DISPLAY_WIDTH_H_
#define SEKISHO_CLI_DISPLAY_WIDTH_H_

#include <string>
#include <string_view>

namespace sekisho::cli {

// Wide and full-width characters count 2, combining ones 0, all others (also "ambiguous") 1.
// Precondition: valid UTF-8 without control characters (base/text.h, printable()).
std::size_t display_width(std::string_view text);

// `text` with spaces after it up to `columns`; unchanged when it is longer.
std::string padded(std::string_view text, std::size_t columns);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_DISPLAY_WIDTH_H_
