#include "authn/drift.h"

#include <algorithm>
#include <cstdlib>

namespace sekisho::authn {

store::Drift learnt_drift(store::Drift known, int seen, int most) {
  const int bound = std::max(most, std::abs(known.steps));
  if (seen >= known.steps) return {std::clamp(seen, -bound, bound), 0};
  if (known.behind + 1 < kLateCodesToLearn) return {known.steps, known.behind + 1};
  return {std::clamp(known.steps - 1, -bound, bound), 0};
}

}  // namespace sekisho::authn
