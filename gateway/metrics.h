// What the gateway counts, for Prometheus.  One Counters per event loop, written by that loop
// alone; the metrics listener adds them up.

#ifndef SEKISHO_GATEWAY_METRICS_H_
#define SEKISHO_GATEWAY_METRICS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sekisho::gateway {

// A counter with one writer: no locked instruction on the path of a request.
class Counter {
 public:
  void add(std::uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) - count, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// How long something took, in buckets (Prometheus' histogram).  One writer, as a Counter.
class Histogram {
 public:
  // Upper bounds in microseconds; what is longer is in none of them.
  static constexpr std::array<std::uint32_t, 14> kBounds = {
      50,     100,    250,    500,     1'000,   2'500,     5'000,
      10'000, 25'000, 50'000, 100'000, 250'000, 1'000'000, 10'000'000};
  void add(std::chrono::nanoseconds time) {
    const auto microseconds = static_cast<std::uint64_t>(time.count() / 1000);
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && microseconds > kBounds[bucket]) ++bucket;
    buckets_[bucket].add();
    microseconds_.add(microseconds);
  }
  std::uint64_t bucket(std::size_t index) const { return buckets_[index].value(); }
  std::uint64_t microseconds() const { return microseconds_.value(); }

 private:
  std::array<Counter, kBounds.size() + 1> buckets_;  // the last: longer
  Counter microseconds_;
};

struct Counters {
  Counter connections_open;
  Counter connections_accepted;
  Counter connections_refused;  // outside the segment, or over a limit
  Counter handshakes;           // that succeeded
  Counter handshakes_failed;
  Counter deadlines_passed;
  std::array<Counter, 6> responses;  // by hundreds of the status; [0] unused
  std::array<Counter, 6> decisions;  // by authn::AccessOutcome
  Counter logins_granted;
  Counter logins_denied;
  Counter logins_locked;
  Counter keys_suspected;  // security keys whose counter did not grow
  Counter upstream_failures;
  // From a whole head to a whole answer.
  Histogram check_time;
  Histogram proxy_time;
  Histogram portal_time;
};

// One family in the text exposition format.
class MetricsText {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view name, std::string_view labels, std::uint64_t value) {
    sample(name, labels, std::to_string(value));
  }
  void sample(std::string_view name, std::string_view labels, const std::string& value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_METRICS_H_
