// Security keys that do what one test says: plugged in and pulled out while it runs.
#ifndef SEKISHO_TESTS_AGENT_FAKE_SECURITY_KEYS_H_
#define SEKISHO_TESTS_AGENT_FAKE_SECURITY_KEYS_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "authn/factors/security_key.h"

namespace sekisho::agent::testing {

struct FakeKey {
  authn::KeyStatus status;
  authn::FromKey<authn::Holding> holds = authn::Holding::kShown;
};

// A key that a touch is enough for.
inline FakeKey plain_key(std::string path = "/dev/key0") {
  FakeKey key;
  key.status.path = std::move(path);
  key.status.product = "Fake";
  return key;
}
inline FakeKey key_with_pin(int tries, std::string path = "/dev/key0") {
  FakeKey key = plain_key(std::move(path));
  key.status.has_pin = true;
  key.status.pin_tries_left = tries;
  return key;
}

class FakeSecurityKeys final : public authn::SecurityKeys {
 public:
  // What get_assertion was asked.
  struct Asked {
    std::string path;
    std::string rp_id;
    Digest client_data_hash{};
    std::vector<Bytes> credentials;
    bool verify_user = false;
    std::optional<std::string> pin;
    std::chrono::milliseconds timeout{};
  };

  void plug_in(FakeKey key) {
    const std::lock_guard lock(mutex_);
    keys_.push_back(std::move(key));
  }
  void unplug_all() {
    const std::lock_guard lock(mutex_);
    keys_.clear();
  }
  // What a touched key answers, in place of something short.
  void will_answer(authn::KeyAssertion assertion) {
    const std::lock_guard lock(mutex_);
    assertion_ = std::move(assertion);
  }
  void set_tries(int tries) {
    const std::lock_guard lock(mutex_);
    for (FakeKey& key : keys_) key.status.pin_tries_left = tries;
  }
  // What comes of the next touches, in this order; afterwards the key is touched and signs.
  void will(authn::KeyFault fault) {
    const std::lock_guard lock(mutex_);
    faults_.push_back(fault);
  }
  // The next looks at what is plugged in throw.
  void set_throwing(bool throws) {
    const std::lock_guard lock(mutex_);
    throws_ = throws;
  }
  // From now on nobody touches the key, for ever.
  void block() {
    const std::lock_guard lock(mutex_);
    is_blocked_ = true;
  }

  std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  int looks() const {
    const std::lock_guard lock(mutex_);
    return looks_;
  }
  void wait_until_asked(std::size_t times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_.size() >= times; });
  }
  void wait_until_cancelled(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return cancelled_ >= times; });
  }
  int cancelled() const {
    const std::lock_guard lock(mutex_);
    return cancelled_;
  }

  std::vector<authn::KeyStatus> list() override {
    const std::lock_guard lock(mutex_);
    ++looks_;
    if (throws_) throw std::runtime_error("out of everything");
    std::vector<authn::KeyStatus> statuses;
    for (const FakeKey& key : keys_) statuses.push_back(key.status);
    return statuses;
  }
  authn::FromKey<authn::Holding> holds(const std::string& path, const std::string&,
                                       const std::vector<Bytes>&) override {
    const std::lock_guard lock(mutex_);
    for (const FakeKey& key : keys_) {
      if (key.status.path == path) return key.holds;
    }
    return std::unexpected(authn::KeyFault::kUnplugged);
  }
  authn::FromKey<authn::KeyAssertion> get_assertion(const std::string& path,
                                                    const authn::AssertionRequest& request,
                                                    authn::Cancellation& cancellation) override {
    std::unique_lock lock(mutex_);
    Asked asked{path,
                request.rp_id,
                request.client_data_hash,
                request.credentials,
                request.verify_user,
                std::nullopt,
                request.timeout};
    if (request.pin) asked.pin = request.pin->reveal_text();
    asked_.push_back(std::move(asked));
    changed_.notify_all();
    while (is_blocked_ && !cancellation.is_cancelled()) {
      changed_.wait_for(lock, std::chrono::milliseconds(5));
    }
    if (cancellation.is_cancelled()) {
      ++cancelled_;
      changed_.notify_all();
      return std::unexpected(authn::KeyFault::kCancelled);
    }
    if (!faults_.empty()) {
      const authn::KeyFault fault = faults_.front();
      faults_.erase(faults_.begin());
      return std::unexpected(fault);
    }
    if (assertion_) return *assertion_;
    return authn::KeyAssertion{request.credentials.front(), {1, 2, 3}, {4, 5, 6}, {7}};
  }
  authn::FromKey<authn::KeyCredential> make_credential(const std::string&,
                                                       const authn::CreationRequest&,
                                                       authn::Cancellation&) override {
    return std::unexpected(authn::KeyFault::kUnsupported);
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<FakeKey> keys_;
  std::vector<authn::KeyFault> faults_;
  std::vector<Asked> asked_;
  std::optional<authn::KeyAssertion> assertion_;
  int looks_ = 0;
  int cancelled_ = 0;
  bool throws_ = false;
  bool is_blocked_ = false;
};

}  // namespace sekisho::agent::testing

#endif  // SEKISHO_TESTS_AGENT_FAKE_SECURITY_KEYS_H_
