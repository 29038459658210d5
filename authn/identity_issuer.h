// The identity tokens that one event loop hands out.
//
// Signing takes about 20 us, so a token is used again until half of its life is over, and only to
// say the very same: who, which groups, how proven, to which application, under the key that signs
// now.  A request compares all of that with what the token says, so no change anywhere can leave a
// stale one in use.

#ifndef SEKISHO_AUTHN_IDENTITY_ISSUER_H_
#define SEKISHO_AUTHN_IDENTITY_ISSUER_H_

#include <string>
#include <string_view>
#include <vector>

#include "authn/identity_token.h"
#include "authn/live_view.h"
#include "authn/token_cache.h"
#include "base/keyring.h"

namespace sekisho::authn {

struct IdentityAsked {
  std::string_view issuer;
  std::string_view audience;
  const LiveSession& session;
  std::chrono::milliseconds life;
  bool keys_may_be_synced = false;
};

class IdentityIssuer {
 public:
  // Tokens of one generation (token_cache.h); about 1 KB each.
  static constexpr std::size_t kMostTokens = 4096;

  // The keyring must outlive it.
  explicit IdentityIssuer(const Keyring& keyring) : keyring_(keyring), kept_(kMostTokens) {}

  // Valid until the next call.  `view` is up to date and holds the session.  An Error: no key may
  // sign, or one of them does not open; whoever wants a token must be refused.
  Result<std::string_view> token(LiveView& view, const IdentityAsked& asked, Instant now);

  // The JWK Set of all keys that are published at `now`; empty before the first was made.
  Result<std::string> key_set(LiveView& view, Instant now);

  std::size_t kept() const { return kept_.size(); }

 private:
  Result<void> read_keys(LiveView& view);

  const Keyring& keyring_;
  std::int64_t read_revision_ = -1;
  std::vector<store::IdentityKey> rows_;
  std::vector<Es256Key> keys_;  // beside rows_, by index
  TokenCache kept_;
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_IDENTITY_ISSUER_H_
