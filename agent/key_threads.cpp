#include "agent/key_threads.h"

namespace sekisho::agent {

std::optional<KeyTurns::Turn> KeyTurns::take(uid_t user) {
  const std::lock_guard lock(counts_->mutex);
  std::size_t& own = counts_->of[user];
  const std::size_t most = user == 0 ? kMostOfRoot : kMostOfOneUser;
  if (own >= most || counts_->all >= kMost) {
    if (own == 0) counts_->of.erase(user);
    return std::nullopt;
  }
  ++own;
  ++counts_->all;
  return Turn(nullptr, [counts = counts_, user](void*) {
    const std::lock_guard inner(counts->mutex);
    --counts->all;
    if (--counts->of[user] == 0) counts->of.erase(user);
  });
}

KeyThreads::~KeyThreads() {
  for (const auto& weak : running_) {
    if (const auto cancellation = weak.lock()) cancellation->cancel();
  }
  pool_.stop();
  pool_.join();
}

void KeyThreads::remember(std::shared_ptr<authn::Cancellation> cancellation) {
  std::erase_if(running_, [](const auto& weak) { return weak.expired(); });
  running_.push_back(cancellation);
}

}  // namespace sekisho::agent
