// Who may hold a conversation with the agent, about whom, and how many at once.
//
// The socket is open to every local user, because screen lockers run as the person they lock out.
// Root (login, sshd, sudo, gdm) may ask about anybody; others only about themselves, so that
// nobody can try another's codes; and nobody but root can use up what the others need.

#ifndef SEKISHO_AGENT_ADMISSION_H_
#define SEKISHO_AGENT_ADMISSION_H_

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho::agent {

// The login name of `uid`, from the system's user database; nullopt when there is none.  May take
// as long as the system's name services do.
std::optional<std::string> user_name_of(uid_t uid);

// True when a process of user `peer`, whose name is `peer_name`, may ask about `claimed_user`.
bool may_ask_about(uid_t peer, const std::optional<std::string>& peer_name,
                   std::string_view claimed_user);

// Counts the conversations under way.
class Admission {
 public:
  static constexpr int kMostOfRoot = 256;
  static constexpr int kMostOfOneUser = 4;
  static constexpr int kMostOfAllUsers = 64;

  // True and counted, or false.  Each true is followed by one leave().
  bool enter(uid_t peer);
  void leave(uid_t peer);
  bool is_empty() const { return counts_.empty(); }

 private:
  std::map<uid_t, int> counts_;
  int of_users_ = 0;  // all but root's
};

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_ADMISSION_H_
