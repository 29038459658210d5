// What the gateway counts, for Prometheus.  One Counters per event loop, written by that loop
// alone; the metrics listener adds them up.

#ifndef SEKISHO_GATEWAY_METRICS_H_
#define SEKISHO_GATEWAY_METRICS_H_

#include <array>
#include <atomic>
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

struct Counters {
  Counter connections_open;
  Counter connections_accepted;
  Counter connections_refused;  // outside the segment, or over a limit
  Counter handshakes_failed;
  Counter deadlines_passed;
  std::array<Counter, 6> responses;  // by hundreds of the status; [0] unused
  std::array<Counter, 6> decisions;  // by authn::AccessOutcome
  Counter logins_granted;
  Counter logins_denied;
  Counter logins_locked;
  Counter keys_suspected;  // security keys whose counter did not grow
  Counter upstream_failures;
};

// One family in the text exposition format.
class MetricsText {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view name, std::string_view labels, std::uint64_t value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_METRICS_H_
