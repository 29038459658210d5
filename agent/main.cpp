// `sekisho-agent` with the security keys on this machine's USB.

#include "agent/agent_main.h"
#include "authn/factors/usb_security_keys.h"

int main(int argc, char** argv) {
  sekisho::authn::UsbSecurityKeys keys;
  return sekisho::agent::agent_main(argc, argv, keys);
}
