// Errors in the person's language.  Other rooms write English for the log; here the sentences an
// administrator meets are told in Japanese.

#ifndef SEKISHO_CLI_ERROR_TEXT_H_
#define SEKISHO_CLI_ERROR_TEXT_H_

#include <span>
#include <string>

#include "base/error.h"
#include "base/sentences.h"
#include "cli/language.h"

namespace sekisho::cli {

// Every sentence we have.
std::span<const Sentence> error_sentences();

// A sentence we have no Japanese for is shown in English after a Japanese word for its kind, so
// nothing is lost.
std::string error_text(const Error& error, Language language);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_ERROR_TEXT_H_
