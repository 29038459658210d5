// Looking at a Result in a test: unwrap it, or tell its outcome in words to compare with.
#ifndef SEKISHO_TESTS_SUPPORT_OUTCOME_H_
#define SEKISHO_TESTS_SUPPORT_OUTCOME_H_

#include <string>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "tests/support/catch.h"

namespace sekisho::testing {

// The value, or the end of the test with the error's message.
template <typename T>
T must(Result<T> result) {
  if (!result) FAIL(name_of(result.error().code) << ": " << result.error().message);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// "ok", or the error as "corrupt: audit row 3 was changed".
template <typename T>
std::string outcome_of(const Result<T>& result) {
  if (result) return "ok";
  return std::string(name_of(result.error().code)) + ": " + result.error().message;
}

// CHECK_THAT(outcome_of(opened), has("integrity"));
inline auto has(const std::string& part) {
#if __has_include(<catch2/catch_all.hpp>)
  return Catch::Matchers::ContainsSubstring(part);
#else
  return Catch::Contains(part);
#endif
}

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_OUTCOME_H_
