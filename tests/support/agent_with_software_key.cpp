// `sekisho-agent` with security keys in software, whose files SEKISHO_SOFTWARE_KEYS names
// (software_key.py makes them); everything else is the product's.
#include "agent/agent_main.h"
#include "tests/support/software_security_key.h"

int main(int argc, char** argv) {
  const auto keys = sekisho::testing::software_security_keys_from_environment();
  return sekisho::agent::agent_main(argc, argv, *keys);
}
