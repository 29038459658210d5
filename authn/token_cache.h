// Identity tokens that may be used again, in bounded room.
//
// Two generations of at most `most` tokens each: a full young one becomes the old one, and what was
// old is forgotten.  So nothing has to be searched for what may go.

#ifndef SEKISHO_AUTHN_TOKEN_CACHE_H_
#define SEKISHO_AUTHN_TOKEN_CACHE_H_

#include <cstdint>
#include <string>
#include <unordered_map>

#include "authn/identity_token.h"
#include "store/ids.h"

namespace sekisho::authn {

struct KeptToken {
  IdentityClaims claims;     // what it says
  store::IdentityKeyId key;  // which key signed it
  Instant issued_at;
  std::chrono::milliseconds life{};
  std::string text;
};

class TokenCache {
 public:
  explicit TokenCache(std::size_t most) : most_(most) {}

  // What was kept under `place` last, or nullptr.  Valid until the next keep() or clear().
  const KeptToken* find(std::uint64_t place) const;
  const KeptToken& keep(std::uint64_t place, KeptToken token);
  void clear();
  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  using Generation = std::unordered_map<std::uint64_t, KeptToken>;
  std::size_t most_;
  Generation young_;
  Generation old_;
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_TOKEN_CACHE_H_
