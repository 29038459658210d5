// Errors in Japanese.  Every room writes its errors in English, for the log; where an administrator
// reads one, the program that shows it knows the sentences he meets there.

#ifndef SEKISHO_BASE_JAPANESE_ERROR_H_
#define SEKISHO_BASE_JAPANESE_ERROR_H_

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sekisho {

struct Sentence {
  std::string_view en;  // "{}" stands for any text
  std::string_view ja;  // the same "{}" in the same order
};

// `error` by the first of `sentences` that fits.  One that none fits is shown in English after a
// Japanese word for its kind, so nothing is lost.
std::string in_japanese(const Error& error, std::span<const Sentence> sentences);

}  // namespace sekisho

#endif  // SEKISHO_BASE_JAPANESE_ERROR_H_
