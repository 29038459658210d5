// A security key in software, behind the real one's wire: libfido2 speaks CTAPHID and CTAP 2.1 to
// it, PIN protocol and all, and what is tested is the code that talks to keys of plastic.
//
//   SoftwareSecurityKey key;                          // in memory
//   key.change([](SoftwareKeyState& state) { state.pin = "1234"; });
//   authn::UsbSecurityKeys keys(software_ports({&key}));
//   key.add(SoftwareKeyFault::kSlowTouch);
//   ... keys.get_assertion(key.path(), ...) in another thread ...
//   key.wait_until_it_blinks();
//   key.touch();
//
// A key may live in a file (software_key_state.h), which programs in several processes then share
// and a test changes from outside; software_key.py does so for the journeys.
#ifndef SEKISHO_TESTS_SUPPORT_SOFTWARE_SECURITY_KEY_H_
#define SEKISHO_TESTS_SUPPORT_SOFTWARE_SECURITY_KEY_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "authn/factors/key_ports.h"
#include "authn/factors/security_key.h"
#include "tests/support/software_authenticator.h"
#include "tests/support/software_key_state.h"

namespace sekisho::testing {

// All may be called from any thread.  Must outlive whoever has it open.
class SoftwareSecurityKey {
 public:
  SoftwareSecurityKey();
  // Kept in `file`, which need not exist yet.
  explicit SoftwareSecurityKey(std::string file);
  ~SoftwareSecurityKey();
  SoftwareSecurityKey(const SoftwareSecurityKey&) = delete;
  SoftwareSecurityKey& operator=(const SoftwareSecurityKey&) = delete;

  // What libfido2 opens it by.
  const std::string& path() const { return path_; }

  SoftwareKeyState state();
  void change(const std::function<void(SoftwareKeyState&)>& how);
  void add(SoftwareKeyFault fault);
  void remove(SoftwareKeyFault fault);
  void unplug();
  // Out and in again: three wrong PINs in a row are forgotten.
  void replug();

  // For a key with kSlowTouch.
  void touch();
  // False when it does not come to that within ten seconds.
  bool wait_until_it_blinks();

  // Reports written to it so far.
  int reports_heard();

 private:
  friend class SoftwareKeyWire;
  // With the mutex held.
  SoftwareKeyState load() const;
  void change_locked(const std::function<void(SoftwareKeyState&)>& how);

  const std::string file_;
  const std::string path_;
  std::mutex mutex_;
  std::condition_variable changed_;
  SoftwareKeyState state_;
  SoftwareAuthenticator mind_;
  int reports_heard_ = 0;
  int touches_ = 0;
};

// Ports with these keys in them; the keys must outlive it.
std::unique_ptr<authn::KeyPorts> software_ports(std::vector<SoftwareSecurityKey*> keys);

// UsbSecurityKeys with the keys in the files that the environment names,
// SEKISHO_SOFTWARE_KEYS=path[:path...]; without the variable, none is plugged in.
std::unique_ptr<authn::SecurityKeys> software_security_keys_from_environment();

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_SOFTWARE_SECURITY_KEY_H_
