// What is counted for each application and rule of a Site, by every loop together.  A reload brings
// a new Site, and its counters begin at nothing.

#ifndef SEKISHO_GATEWAY_SITE_COUNTERS_H_
#define SEKISHO_GATEWAY_SITE_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "authn/access_rules.h"

namespace sekisho::gateway {

class SiteCounters {
 public:
  explicit SiteCounters(const std::vector<authn::Application>& applications);

  // From any thread.
  void decided(std::size_t application, const authn::Application& rules,
               const authn::AccessDecision& decision) const;
  void failed(std::size_t application) const;
  void refused_certificate(std::size_t application) const;

  // `rule` counts from 0; the one behind the last stands for "no rule matched".
  std::uint64_t decisions(std::size_t application, std::size_t rule,
                          authn::AccessOutcome outcome) const;
  std::uint64_t failures(std::size_t application) const;
  std::uint64_t refused_certificates(std::size_t application) const;

 private:
  static constexpr std::size_t kOutcomes = 6;
  using Number = std::atomic<std::uint64_t>;
  // Each application has a line of the cache to itself, so that no core waits for another's.
  struct alignas(64) OfApplication {
    Number failures{0};
    Number refused_certificates{0};
    std::unique_ptr<std::array<Number, kOutcomes>[]> by_rule;
  };
  std::vector<std::unique_ptr<OfApplication>> applications_;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_SITE_COUNTERS_H_
