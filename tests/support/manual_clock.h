// A clock that moves only when the test says so.
#ifndef SEKISHO_TESTS_SUPPORT_MANUAL_CLOCK_H_
#define SEKISHO_TESTS_SUPPORT_MANUAL_CLOCK_H_

#include "base/clock.h"

namespace sekisho::testing {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start = instant_of(1'800'000'000'000)) : now_(start) {}
  Instant now() const override { return now_; }
  void set(Instant at) { now_ = at; }
  void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  Instant now_;
};

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_MANUAL_CLOCK_H_
