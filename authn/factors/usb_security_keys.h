// Security keys on USB, by libfido2 (CTAP 2.1); the CTAP 1 fall-back stays off, since it knows no
// user verification.
//
// A PIN goes to the key only when it is given, needed and usable, and once for each call: a wrong
// one is never tried again.  Where verification was asked for, the key must say in what it signed
// that it verified (CVE-2021-31924).  Everything else a key answers is for the issuer of the
// challenge to judge.
//
// A key that keeps silent, or talks on, after it was told to stop holds its caller for a second,
// and so does one that another program, or another call, uses.

#ifndef SEKISHO_AUTHN_FACTORS_USB_SECURITY_KEYS_H_
#define SEKISHO_AUTHN_FACTORS_USB_SECURITY_KEYS_H_

#include <memory>
#include <string>
#include <vector>

#include "authn/factors/key_ports.h"
#include "authn/factors/security_key.h"

namespace sekisho::authn {

// Calls from several threads are fine when they are to different keys.
class UsbSecurityKeys final : public SecurityKeys {
 public:
  explicit UsbSecurityKeys(std::unique_ptr<KeyPorts> ports = usb_ports())
      : ports_(std::move(ports)) {}

  std::vector<KeyStatus> list() override;
  FromKey<Holding> holds(const std::string& path, const std::string& rp_id,
                         const std::vector<Bytes>& credentials) override;
  FromKey<KeyAssertion> get_assertion(const std::string& path, const AssertionRequest& request,
                                      Cancellation& cancellation) override;
  FromKey<KeyCredential> make_credential(const std::string& path, const CreationRequest& request,
                                         Cancellation& cancellation) override;

 private:
  std::unique_ptr<KeyPorts> ports_;
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_USB_SECURITY_KEYS_H_
