// Randomness that a test chooses: 0, 1, 2, 3 … from a start.
#ifndef SEKISHO_TESTS_SUPPORT_FIXED_RANDOM_H_
#define SEKISHO_TESTS_SUPPORT_FIXED_RANDOM_H_

#include "base/random.h"

namespace sekisho::testing {

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint8_t start = 0) : next_(start) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_;
};

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_FIXED_RANDOM_H_
