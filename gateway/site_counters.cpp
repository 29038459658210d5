#include "gateway/site_counters.h"

namespace sekisho::gateway {

SiteCounters::SiteCounters(const std::vector<authn::Application>& applications) {
  for (const authn::Application& application : applications) {
    auto counters = std::make_unique<OfApplication>();
    counters->by_rule =
        std::make_unique<std::array<Number, kOutcomes>[]>(application.rules.size() + 1);
    applications_.push_back(std::move(counters));
  }
}

void SiteCounters::decided(std::size_t application, const authn::Application& rules,
                           const authn::AccessDecision& decision) const {
  const std::size_t rule = decision.rule == nullptr
                               ? rules.rules.size()
                               : static_cast<std::size_t>(decision.rule - rules.rules.data());
  applications_[application]->by_rule[rule][static_cast<std::size_t>(decision.outcome)].fetch_add(
      1, std::memory_order_relaxed);
}

void SiteCounters::failed(std::size_t application) const {
  applications_[application]->failures.fetch_add(1, std::memory_order_relaxed);
}

void SiteCounters::refused_certificate(std::size_t application) const {
  applications_[application]->refused_certificates.fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t SiteCounters::decisions(std::size_t application, std::size_t rule,
                                      authn::AccessOutcome outcome) const {
  return applications_[application]->by_rule[rule][static_cast<std::size_t>(outcome)].load(
      std::memory_order_relaxed);
}

std::uint64_t SiteCounters::failures(std::size_t application) const {
  return applications_[application]->failures.load(std::memory_order_relaxed);
}

std::uint64_t SiteCounters::refused_certificates(std::size_t application) const {
  return applications_[application]->refused_certificates.load(std::memory_order_relaxed);
}

}  // namespace sekisho::gateway
