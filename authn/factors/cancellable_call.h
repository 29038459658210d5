// A call to a security key that ends when it is cancelled or late.
//
// libfido2 blocks while it waits for a touch.  A second thread tells the key to stop
// (CTAPHID_CANCEL), so that it answers at once and no longer blinks.  It says so again until the
// call ends: a key that had not yet begun to wait ignores the first.  A key that does not hear it,
// or talks on, is not listened to any longer a second later.
//
// To write to a key may take seconds.  Only the two threads of the call wait for it: whoever
// cancels does not.

#ifndef SEKISHO_AUTHN_FACTORS_CANCELLABLE_CALL_H_
#define SEKISHO_AUTHN_FACTORS_CANCELLABLE_CALL_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "authn/factors/open_key.h"
#include "authn/factors/security_key.h"

namespace sekisho::authn {

// Lives as long as the call to libfido2 it watches; `key` is open all the while.
class CancellableCall {
 public:
  CancellableCall(Cancellation& cancellation, OpenKey& key,
                  std::chrono::steady_clock::time_point deadline);
  ~CancellableCall();
  CancellableCall(const CancellableCall&) = delete;
  CancellableCall& operator=(const CancellableCall&) = delete;

 private:
  void watch();

  Cancellation& cancellation_;
  OpenKey& key_;
  const std::chrono::steady_clock::time_point deadline_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_over_ = false;
  bool is_cancelled_ = false;
  std::thread watcher_;  // last: it uses the others
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_CANCELLABLE_CALL_H_
