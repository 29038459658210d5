// Sentences that others wrote in English, in the person's language.

#ifndef SEKISHO_CLI_SENTENCES_H_
#define SEKISHO_CLI_SENTENCES_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/language.h"

namespace sekisho::cli {

struct Sentence {
  std::string_view pattern;  // as it was written; "{}" stands for any text
  std::string_view ja;       // "{}", or "{1}" for the second, is what stood there
  std::string_view en = {};  // the same for a person, where the pattern's own words say too little
};

// nullopt when no pattern fits.  Of several that do, the one that says more of the message itself
// is meant, wherever it stands.
std::optional<std::string> told(std::span<const Sentence> sentences, std::string_view message,
                                Language language);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_SENTENCES_H_
