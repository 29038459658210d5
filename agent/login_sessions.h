// Where the person sits who uses a process of this machine: logind's sessions say.
//
// A security key blinks where it is plugged in, so it is offered to whoever sits in front of it and
// to nobody else: a touch by the person at the desk must not open what a stranger from afar asked
// for (pam-u2f #384).  PAM_RHOST tells that of a login, but not of sudo in an ssh session; the
// session does.
//
//   /proc/PID/cgroup            the session the process was born in, which its user cannot leave:
//                               0::/user.slice/user-1000.slice/session-3.scope/...
//                               or the unit: 0::/system.slice/gdm.service
//   /proc/PID/loginuid          who logged in before it, as the kernel remembers; 4294967295:
//   nobody /run/systemd/sessions/3     REMOTE, SEAT and UID of that session (logind(8)), and ACTIVE
//   /run/systemd/system         is a folder when systemd runs (sd_booted(3))
//
// A user's sessions are one person's to our eyes: a terminal multiplexer that began at the desk is
// joined from an ssh session, and what systemd's instance for the user starts (user@1000.service:
// most of a desktop) belongs to none of them.  So whoever has one session from afar, or at no seat,
// is elsewhere in all of them.

#ifndef SEKISHO_AGENT_LOGIN_SESSIONS_H_
#define SEKISHO_AGENT_LOGIN_SESSIONS_H_

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

namespace sekisho::agent {

enum class Whereabouts {
  kHere,         // in the session that is in the foreground at one of this machine's seats
  kElsewhere,    // from afar, at a seat somebody else uses now, at none, or in another's session
  kBeforeLogin,  // in what lets people log in at this machine: a getty, a display manager
  kService,      // elsewhere in the system: cron, sshd, a container; who asks for it is not known
  kNoSystemd,    // nobody here knows of sessions
  kUnknown,
};

class LoginSessions {
 public:
  explicit LoginSessions(std::string processes = "/proc",
                         std::string sessions = "/run/systemd/sessions",
                         std::string booted = "/run/systemd/system")
      : processes_(std::move(processes)),
        sessions_(std::move(sessions)),
        booted_(std::move(booted)) {}

  // Of a process of `user`.  Root's programs (sudo) are where the session's owner is; others are
  // nowhere but in their own user's sessions.
  Whereabouts of(pid_t process, uid_t user) const;

 private:
  Whereabouts of_session(const std::string& id, uid_t user) const;
  Whereabouts of_user(std::string_view uid) const;
  Whereabouts outside_sessions(pid_t process, std::string_view path) const;
  bool is_systemd_running() const;

  std::string processes_;
  std::string sessions_;
  std::string booted_;
};

// Who asks for a login, as far as it is known.  Of others than root only `uid` is believed.
struct Asker {
  uid_t uid = 0;
  std::string_view service;  // PAM's
  std::string_view rhost;
};

// Whether a security key may be asked on behalf of `asker`.  Others than root must be seen to sit
// here.  Root's programs also may before there is a session, when they are a login's.  Whoever
// names a remote host may not.
bool may_use_keys(const Asker& asker, Whereabouts whereabouts);

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_LOGIN_SESSIONS_H_
