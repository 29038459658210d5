#include "authn/token_cache.h"

namespace sekisho::authn {

const KeptToken* TokenCache::find(std::uint64_t place) const {
  for (const Generation* generation : {&young_, &old_}) {
    if (const auto found = generation->find(place); found != generation->end()) {
      return &found->second;
    }
  }
  return nullptr;
}

const KeptToken& TokenCache::keep(std::uint64_t place, KeptToken token) {
  if (young_.size() >= most_ && !young_.contains(place)) {
    old_.swap(young_);
    young_.clear();
  }
  return young_.insert_or_assign(place, std::move(token)).first->second;
}

void TokenCache::clear() {
  young_.clear();
  old_.clear();
}

}  // namespace sekisho::authn
