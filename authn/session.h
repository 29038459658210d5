// Web sessions: their tokens and their beginnings.
//
// A token is 256 random bits in base64url; the store has its SHA-256.  Every change of assurance
// ends the old token and makes a new one (ASVS 7.2.4).

#ifndef SEKISHO_AUTHN_SESSION_H_
#define SEKISHO_AUTHN_SESSION_H_

#include <optional>
#include <string>
#include <string_view>

#include "authn/login.h"
#include "authn/policy.h"
#include "base/digest.h"
#include "base/random.h"
#include "store/store.h"

namespace sekisho::authn {

inline constexpr std::size_t kTokenCharacters = 43;  // 32 bytes in base64url

// The hash under which a token from a cookie is looked up; nullopt when it has not the form of
// a token.  Costs one SHA-256.
std::optional<Digest> token_hash(std::string_view token);

// The form token (CSRF) that belongs to a session token: nobody who lacks the cookie can make it.
std::string form_token(std::string_view token);

struct OpenedSession {
  Secret token;
  store::SessionId id;
  Instant expires_at;
};

// Opens a session for a granted login, ending `previous` (the session it was raised from) in the
// same transaction, with its audit row.
Result<OpenedSession> open_session(store::Store& store, Random& random, const Policy& policy,
                                   const LoginResult& login, std::string_view source,
                                   std::optional<store::SessionId> previous, Instant now);

// Shortens the live sessions, or those of `user` alone, that have longer limits than the policy
// gives their person: it may be stricter by now, or the person privileged.  The absolute limit then
// counts from the last factor that was proven.  Their number.
Result<int> shorten_sessions(store::Store& store, const Policy& policy,
                             std::optional<store::UserId> user, Instant now);

// Ends one session of `user`.  False: it is not theirs, or had ended.
Result<bool> end_session(store::Store& store, const store::User& user, store::SessionId session,
                         std::string_view reason, std::string_view source, Instant now);

// Ends sessions that passed a limit, each with its audit row, at most `most`; their number.  A
// gateway knows of uses that the store does not know yet, so ask with a time that has settled.
Result<int> end_overdue_sessions(store::Store& store, int most, Instant settled, Instant now);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_SESSION_H_
