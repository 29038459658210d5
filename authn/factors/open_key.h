// A security key while it is open: its channel, and what it says of itself.

#ifndef SEKISHO_AUTHN_FACTORS_OPEN_KEY_H_
#define SEKISHO_AUTHN_FACTORS_OPEN_KEY_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "authn/factors/key_line.h"
#include "authn/factors/key_ports.h"
#include "authn/factors/security_key.h"

struct fido_dev;

namespace sekisho::authn {

using Deadline = std::chrono::steady_clock::time_point;

class OpenKey {
 public:
  // Asks for the status too.  kNoKey when nothing is plugged in anywhere, kUnplugged when nothing
  // is at `path`, kBroken when it does not answer within `patience` in all.  A key that knows CTAP
  // 1 only opens; see speaks_ctap2.
  static constexpr std::chrono::milliseconds kPatience{3000};
  static FromKey<OpenKey> open(KeyPorts& ports, const std::string& path,
                               std::chrono::milliseconds patience = kPatience);

  fido_dev* device() const { return device_.get(); }
  KeyLine& line() const { return *line_; }
  const KeyStatus& status() const { return status_; }
  bool speaks_ctap2() const { return speaks_ctap2_; }
  bool protects_credentials() const { return protects_credentials_; }  // credProtect
  // Whether it may hold credentials that show themselves only after user verification.
  bool may_hide_credentials() const;

  // `credentials` in lists, each of which fits in one message to this key; those that cannot
  // be its own (empty, or longer than it says it makes them) are left out.
  std::vector<std::vector<Bytes>> lists_of(const std::vector<Bytes>& credentials) const;

  // For the next call to libfido2: when it is to give up.  A little later its line ends.
  void wait_until(Deadline deadline);
  void wait_for_an_answer();  // seconds: nobody has to touch anything

  // What a failed call means, now that it has failed: asks where the key is.
  KeyFault fault_after(int fido_error, Deadline deadline) const;

 private:
  struct CloseDevice {
    void operator()(fido_dev* device) const;
  };
  OpenKey(KeyPorts& ports, std::string path);
  bool is_attached() const;
  int ask_status();

  KeyPorts* ports_;
  std::unique_ptr<fido_dev, CloseDevice> device_;
  KeyLine* line_ = nullptr;  // of device_
  KeyStatus status_;
  bool speaks_ctap2_ = false;
  bool protects_credentials_ = false;
  std::size_t most_in_list_ = 1;
  std::size_t longest_credential_ = 0;  // bytes; 0: it does not say
  std::size_t longest_message_ = 1024;  // bytes; CTAP 2.1 section 6.4, where it does not say
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_OPEN_KEY_H_
