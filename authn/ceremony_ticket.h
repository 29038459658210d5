// What a page gets with a WebAuthn challenge, and shows with the key's answer: which ceremony, for
// which session and user, until when, under a MAC of ours (docs/decisions/0015).
//
//   ticket  = base64url(body | HMAC-SHA256(key, body))
//   body    = u8 ceremony | 32 bytes binding | u64 user | u64 expires (ms) | 32 bytes challenge
//   numbers are big-endian; binding is the SHA-256 of the session token (or of the form cookie,
//   before there is a session)
//
// Nothing is kept while the person looks for the key.  That a ticket is good once is the store's
// promise (store/spent_logins.h).

#ifndef SEKISHO_AUTHN_CEREMONY_TICKET_H_
#define SEKISHO_AUTHN_CEREMONY_TICKET_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/digest.h"
#include "base/keyring.h"
#include "base/random.h"
#include "store/ids.h"

namespace sekisho::authn {

enum class KeyCeremony : std::uint8_t {
  kRegistration = 1,
  kSecondFactor = 2,
  kSignIn = 3,  // nobody is known yet: user 0
};

struct CeremonyTicket {
  KeyCeremony ceremony = KeyCeremony::kSecondFactor;
  Digest binding{};
  store::UserId user;
  Instant expires_at;
  Bytes challenge;  // 32 random bytes
};

// A ticket's text and its challenge.
struct IssuedCeremony {
  std::string text;
  Bytes challenge;
};

// `ticket.challenge` is made here.
IssuedCeremony issue_ceremony(const Keyring& keyring, Random& random, CeremonyTicket ticket);

// nullopt: not a ticket of ours, or one made under a former key.  Says nothing of its time.
std::optional<CeremonyTicket> read_ceremony(const Keyring& keyring, std::string_view text);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_CEREMONY_TICKET_H_
