// Unguessable bytes, from the kernel (getrandom(2)); a seam so that tests can choose them.

#ifndef SEKISHO_BASE_RANDOM_H_
#define SEKISHO_BASE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace sekisho {

class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` whole.  Does not return when the kernel cannot: it ends the process, because
  // nothing that needs a secret may go on without one.
  virtual void fill(std::span<std::uint8_t> out) = 0;

  Bytes bytes(std::size_t count) {
    Bytes out(count);
    fill(out);
    return out;
  }
};

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace sekisho

#endif  // SEKISHO_BASE_RANDOM_H_
