// Row numbers with a type, so that a user's cannot be passed for a terminal's.

#ifndef SEKISHO_STORE_IDS_H_
#define SEKISHO_STORE_IDS_H_

#include <cstdint>

namespace sekisho::store {

template <typename Tag>
struct Id {
  std::int64_t value = 0;
  auto operator<=>(const Id&) const = default;
};

using UserId = Id<struct UserTag>;
using TotpCredentialId = Id<struct TotpCredentialTag>;
using SecurityKeyId = Id<struct SecurityKeyTag>;
using SessionId = Id<struct SessionTag>;
using TerminalId = Id<struct TerminalTag>;
using IdentityKeyId = Id<struct IdentityKeyTag>;

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_IDS_H_
