#include "agent/admission.h"

#include <errno.h>
#include <pwd.h>

#include <vector>

namespace sekisho::agent {

std::optional<std::string> user_name_of(uid_t uid) {
  std::vector<char> buffer(4096);
  passwd entry{};
  passwd* found = nullptr;
  while (true) {
    const int problem = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    if (problem == EINTR) continue;
    if (problem != ERANGE || buffer.size() >= 1024 * 1024) break;
    buffer.resize(2 * buffer.size());
  }
  if (found == nullptr) return std::nullopt;
  return std::string(found->pw_name);
}

bool may_ask_about(uid_t peer, const std::optional<std::string>& peer_name,
                   std::string_view claimed_user) {
  return peer == 0 || (peer_name && !peer_name->empty() && *peer_name == claimed_user);
}

bool Admission::enter(uid_t peer) {
  const auto found = counts_.find(peer);
  const int now = found == counts_.end() ? 0 : found->second;
  if (now >= (peer == 0 ? kMostOfRoot : kMostOfOneUser)) return false;
  if (peer != 0 && of_users_ >= kMostOfAllUsers) return false;
  ++counts_[peer];
  if (peer != 0) ++of_users_;
  return true;
}

void Admission::leave(uid_t peer) {
  const auto found = counts_.find(peer);
  if (found == counts_.end()) return;
  if (peer != 0) --of_users_;
  if (--found->second == 0) counts_.erase(found);
}

}  // namespace sekisho::agent
