// Result<T>: a value or an Error, which the caller must look at.

#ifndef SEKISHO_BASE_RESULT_H_
#define SEKISHO_BASE_RESULT_H_

#include <expected>
#include <string>
#include <utility>

#include "base/error.h"

namespace sekisho {

template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

// Ends a function with an error: `return fail(ErrorCode::kInvalid, "the name is empty");`
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}

// Hands an error on unchanged: `if (!row) return fail(row.error());`
inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

}  // namespace sekisho

#endif  // SEKISHO_BASE_RESULT_H_
