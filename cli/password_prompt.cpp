#include "cli/password_prompt.h"

#include "base/secret_input.h"

namespace sekisho::cli {

Result<Secret> new_secret_from_terminal(std::string_view prompt, std::string_view again) {
  constexpr std::string_view kWithoutTerminal =
      "there is no terminal to ask for the password on: use --password-stdin";
  Result<Secret> first = secret_from_terminal(prompt, kWithoutTerminal);
  if (!first) return first;
  const Result<Secret> second = secret_from_terminal(again, kWithoutTerminal);
  if (!second) return fail(second.error());
  if (!(first->size() == second->size() &&
        ::memcmp(first->reveal().data(), second->reveal().data(), first->size()) == 0)) {
    return fail(ErrorCode::kInvalid, "the two passwords differ");
  }
  return first;
}

}  // namespace sekisho::cli
