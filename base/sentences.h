// Sentences that others wrote in English, for the person who reads them.  Every room writes its
// errors in English, for the log; where an administrator reads one, the program that shows it
// knows the sentences he meets there.

#ifndef SEKISHO_BASE_SENTENCES_H_
#define SEKISHO_BASE_SENTENCES_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sekisho {

struct Sentence {
  std::string_view pattern;  // as it was written; "{}" stands for any text
  std::string_view ja;       // "{}" in the same order, or "{1}" for the second, is what stood there
  std::string_view en = {};  // the same for a person, where the pattern's own words say too little
};

// nullopt when no pattern fits.  Of several that do, the one that says more of the message itself
// is meant, wherever it stands.
std::optional<std::string> told(std::span<const Sentence> sentences, std::string_view message,
                                bool in_japanese);

// Japanese for a kind of error, to stand before a message that no sentence fits.
std::string_view japanese_name_of(ErrorCode code);

}  // namespace sekisho

#endif  // SEKISHO_BASE_SENTENCES_H_
