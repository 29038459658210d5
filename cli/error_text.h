// Errors in the person's language.  Other rooms write English for the log; here the sentences an
// administrator meets are told in Japanese.

#ifndef SEKISHO_CLI_ERROR_TEXT_H_
#define SEKISHO_CLI_ERROR_TEXT_H_

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/language.h"

namespace sekisho::cli {

struct Sentence {
  std::string_view pattern;  // as other rooms write it; "{}" stands for any text
  std::string_view ja;       // "{}", or "{1}" for the second, is what stood there
  std::string_view en = {};  // the same for a person, where the log's words say too little
};

// Every sentence we have.  One that another sentence also fits is never taken for the other.
std::span<const Sentence> sentences();

// A sentence we have no Japanese for is shown in English after a Japanese word for its kind, so
// nothing is lost.
std::string error_text(const Error& error, Language language);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_ERROR_TEXT_H_
