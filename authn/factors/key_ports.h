// Where security keys are plugged in: the one seam between usb_security_keys.h and the hardware.

#ifndef SEKISHO_AUTHN_FACTORS_KEY_PORTS_H_
#define SEKISHO_AUTHN_FACTORS_KEY_PORTS_H_

#include <memory>
#include <string>
#include <vector>

struct fido_dev_io;

namespace sekisho::authn {

struct AttachedKey {
  std::string path;
  std::string product;  // as the key names itself: any bytes
};

// Called from several threads at once.
class KeyPorts {
 public:
  virtual ~KeyPorts() = default;
  virtual std::vector<AttachedKey> attached() = 0;
  // How to reach a key, frame by frame; nullptr for hidraw.
  virtual const fido_dev_io* io() const { return nullptr; }
};

// The FIDO devices on USB that this process may open.
std::unique_ptr<KeyPorts> usb_ports();

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_KEY_PORTS_H_
