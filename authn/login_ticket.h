// What a terminal gets when it begins a login, and shows when it finishes it: who is to log in
// where, until when, under a MAC of ours.
//
//   ticket = base64url(body | HMAC-SHA256(key, "sekisho login ticket v1" | body))
//   body   = u64 terminal | u64 expires (ms) | 32 random bytes | field user | field service |
//            field tty | field remote host | u8 seated;
//   field  = u16 length | bytes; numbers are big-endian
//
// So a begun login takes no room here, and nobody can fill what there is not.  The random bytes
// are the challenge of a security key.

#ifndef SEKISHO_AUTHN_LOGIN_TICKET_H_
#define SEKISHO_AUTHN_LOGIN_TICKET_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/keyring.h"
#include "base/random.h"
#include "store/ids.h"

namespace sekisho::authn {

struct TerminalLogin {
  std::string claimed_user;  // may name nobody: unknown users walk the same path
  std::string service;       // PAM service: "login", "sudo"
  std::string tty;
  std::string remote_host;
  bool is_seated = false;  // in front of the terminal, as its agent tells
};

struct LoginTicket {
  store::TerminalId terminal;
  Instant expires_at;
  Bytes challenge;  // 32 bytes
  TerminalLogin login;
};

// `ticket.challenge` is made here.  kInvalid: a field over 65535 bytes.
Result<std::string> issue_ticket(const Keyring& keyring, Random& random, LoginTicket& ticket);
// nullopt: not a ticket of ours, or one made under a former key.  Says nothing of its time.
std::optional<LoginTicket> read_ticket(const Keyring& keyring, std::string_view text);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_LOGIN_TICKET_H_
