// `sekisho`, the administrator's command, with the security keys on this machine's USB.

#include "authn/factors/usb_security_keys.h"
#include "cli/command_line.h"

int main(int count, char** values) {
  sekisho::authn::UsbSecurityKeys keys;
  return sekisho::cli::run_command_line(count, values, keys);
}
