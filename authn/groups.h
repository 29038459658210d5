// A person's groups, and those that somebody wrote down.

#ifndef SEKISHO_AUTHN_GROUPS_H_
#define SEKISHO_AUTHN_GROUPS_H_

#include <algorithm>
#include <string>
#include <vector>

namespace sekisho::authn {

// Whether one of `own` is among `named`.
inline bool is_in_any(const std::vector<std::string>& own, const std::vector<std::string>& named) {
  return std::ranges::find_first_of(own, named) != own.end();
}

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_GROUPS_H_
