// Where the person sits who uses a process of this machine: logind's sessions say.
//
// A security key blinks where it is plugged in, so it is offered to whoever sits in front of it and
// to nobody else: a touch by the person at the desk must not open what a stranger from afar asked
// for (pam-u2f #384).  PAM_RHOST tells that of a login, but not of sudo in an ssh session; the
// session does.
//
//   /proc/PID/cgroup            the session the process was born in, which its user cannot leave:
//                               0::/user.slice/user-1000.slice/session-3.scope/...
//   /run/systemd/sessions/3     REMOTE, SEAT, ACTIVE and UID of that session (logind(8))
//
// What systemd's own instance for a user starts (user@1000.service: most of a desktop) belongs to
// none of that user's sessions.  It counts as sitting here while the user has a session here and
// none from afar: which of them asks cannot be told.

#ifndef SEKISHO_AGENT_LOGIN_SESSIONS_H_
#define SEKISHO_AGENT_LOGIN_SESSIONS_H_

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

namespace sekisho::agent {

enum class Whereabouts {
  kHere,       // in the session that is in the foreground at one of this machine's seats
  kElsewhere,  // from afar, at a seat somebody else uses now, or at none
  kNoSession,  // of the system: what asks before there is a session (login, gdm), or no logind
  kUnknown,
};

class LoginSessions {
 public:
  explicit LoginSessions(std::string processes = "/proc",
                         std::string sessions = "/run/systemd/sessions")
      : processes_(std::move(processes)), sessions_(std::move(sessions)) {}

  Whereabouts of(pid_t process) const;

 private:
  Whereabouts of_session(const std::string& id) const;
  Whereabouts of_user(std::string_view uid) const;

  std::string processes_;
  std::string sessions_;
};

// Whether a security key may be asked on behalf of a process of `peer`.  Root's programs may before
// there is a session; others must be seen to sit here.  Whoever names a remote host does not.
bool may_use_keys(uid_t peer, std::string_view rhost, Whereabouts whereabouts);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_LOGIN_SESSIONS_H_
