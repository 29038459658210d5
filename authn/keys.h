// The keys derived from the keyring for deciding, each for one purpose.

#ifndef SEKISHO_AUTHN_KEYS_H_
#define SEKISHO_AUTHN_KEYS_H_

#include "base/keyring.h"

namespace sekisho::authn {

inline Result<Secret> password_key(const Keyring& keyring, std::string_view key_id) {
  return keyring.derive(key_id, "sekisho password v1");
}

inline Result<Secret> recovery_key(const Keyring& keyring, std::string_view key_id) {
  return keyring.derive(key_id, "sekisho recovery code v1");
}

// For the MAC of login tickets.
inline Secret ticket_key(const Keyring& keyring) {
  return *keyring.derive(keyring.current_id(), "sekisho login ticket v1");
}

// For the MAC of WebAuthn ceremonies' tickets.
inline Secret ceremony_key(const Keyring& keyring) {
  return *keyring.derive(keyring.current_id(), "sekisho ceremony ticket v1");
}

inline Result<Secret> enrolment_key(const Keyring& keyring, std::string_view key_id) {
  return keyring.derive(key_id, "sekisho enrolment code v1");
}

// Hides unknown users' names in counters and logs.
inline Secret unknown_user_key(const Keyring& keyring) {
  return *keyring.derive(keyring.current_id(), "sekisho unknown user v1");
}

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_KEYS_H_
