#include "agent/key_desk.h"

namespace sekisho::agent {

KeyDesk::~KeyDesk() {
  for (const auto& weak : running_) {
    if (const auto cancellation = weak.lock()) cancellation->cancel();
  }
  threads_.stop();
  threads_.join();
}

void KeyDesk::remember(std::shared_ptr<authn::Cancellation> cancellation) {
  std::erase_if(running_, [](const auto& weak) { return weak.expired(); });
  running_.push_back(cancellation);
}

}  // namespace sekisho::agent
