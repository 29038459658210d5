// What is claimed and shown at a login, and whether it is looked at there at all.

#ifndef SEKISHO_AUTHN_PRESENTED_H_
#define SEKISHO_AUTHN_PRESENTED_H_

#include <optional>
#include <string>
#include <string_view>

#include "authn/assurance.h"
#include "authn/policy.h"
#include "authn/security_key_login.h"
#include "authn/verdict.h"
#include "base/ip_network.h"
#include "base/secret.h"
#include "store/ids.h"

namespace sekisho::authn {

// Who says to be whom, where.
struct ClaimedTerminal {
  store::TerminalId id;
  std::int64_t generation = 0;  // of its certificate
  // From where its agent asks for somebody who sits there; nullopt: nobody knows that they do.
  std::optional<IpAddress> seat = std::nullopt;
  bool is_from_afar = false;  // over the network: whoever does so does not sit there
};

struct Claim {
  // Any bytes.  Empty with a security key: the key names the person.
  std::string claimed_user;
  // For throttle and audit: "10.1.2.3", "terminal:zeimu-03", "terminal:zeimu-03 from 10.1.2.3".
  std::string source;
  std::string place;           // for people: "portal", "login tty1"
  std::string proven_factors;  // by the session that asks: "password", "password totp"
  // The terminal that asks; nullopt: the portal.  It must still be one of ours at the end.
  std::optional<ClaimedTerminal> terminal = std::nullopt;
  // What the door asks for.  A second factor that cannot reach it is not looked at.
  Assurance require = Assurance::kPassword;
};

// Stands for a code where a host gave something else in its place (sshd's password method gives the
// password).  From a terminal, with a password, it is no attempt at the second factor, and the
// login is refused.
inline constexpr std::string_view kNoCode = "-";

// What is shown for it.
struct Presented {
  std::optional<Secret> password;
  std::optional<Factor> second_factor;  // every Factor but kPassword
  Secret code;                          // with a code's factor; any bytes, or kNoCode
  std::optional<PresentedKey> key{};    // with kSecurityKey
};

// The key alone, and it names the person.
bool is_passwordless(const Claim& claim, const Presented& presented);

// Why what was shown is not looked at here; nullopt: it is.
std::optional<Reason> objection_to(const Claim& claim, const Presented& presented,
                                   const SecurityKeyPolicy& policy);

KeyDoor door_of(const Claim& claim, const Presented& presented, const SecurityKeyPolicy& policy,
                bool refuses_suspected);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_PRESENTED_H_
