// What is wrong with a command line, in the person's language.  CLI11 writes English.

#ifndef SEKISHO_CLI_USAGE_TEXT_H_
#define SEKISHO_CLI_USAGE_TEXT_H_

#include <span>
#include <string>
#include <string_view>

#include "base/sentences.h"
#include "cli/language.h"

namespace sekisho::cli {

std::span<const Sentence> usage_sentences();

// `message` is CLI11's; one we have no sentence for is shown as it is.
std::string usage_text(std::string_view message, Language language);

// What is wrong with the number of a thing ("12"), for CLI11; empty when nothing is.
std::string number_objection(const std::string& text);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_USAGE_TEXT_H_
