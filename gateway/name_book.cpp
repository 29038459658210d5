#include "gateway/name_book.h"

#include <boost/asio/ip/basic_resolver.hpp>

namespace sekisho::gateway {
namespace {

constexpr std::chrono::seconds kFreshFor{30};
using std::chrono::steady_clock;

}  // namespace

// Shared with the look-up that fills it, which may end after everybody who waited.
struct NameBook::Entry {
  explicit Entry(const Executor& executor) : resolver(executor), answered(executor) {}
  asio::ip::basic_resolver<Tcp, Executor> resolver;
  Timer answered;  // cancelled when the answer is there
  bool is_looked_up = false;
  std::optional<steady_clock::time_point> found_at;
  std::vector<asio::ip::address> addresses;
};

void NameBook::look_up(const std::string& name, const std::shared_ptr<Entry>& entry) {
  if (std::exchange(entry->is_looked_up, true)) return;
  entry->resolver.async_resolve(name, "", [entry](error_code failed, const auto& found) {
    entry->is_looked_up = false;
    if (!failed) {
      entry->addresses.clear();
      for (const auto& one : found) entry->addresses.push_back(one.endpoint().address());
      entry->found_at = steady_clock::now();
    }
    entry->answered.cancel();
  });
}

Task<std::vector<asio::ip::address>> NameBook::find(std::string name,
                                                    std::chrono::milliseconds wait) {
  std::shared_ptr<Entry>& known = entries_[name];
  if (!known) known = std::make_shared<Entry>(executor_);
  const std::shared_ptr<Entry> entry = known;
  const bool is_fresh = entry->found_at && steady_clock::now() - *entry->found_at < kFreshFor;
  if (!is_fresh) look_up(name, entry);
  if (entry->addresses.empty()) {
    if (entry->answered.expiry() <= steady_clock::now()) entry->answered.expires_after(wait);
    co_await entry->answered.async_wait(use_outcome);
  }
  co_return entry->addresses;
}

}  // namespace sekisho::gateway
