// `sekisho` as it is, but with the security keys of SEKISHO_SOFTWARE_KEYS plugged in.

#include "cli/command_line.h"
#include "tests/support/software_security_key.h"

int main(int count, char** values) {
  const auto keys = sekisho::testing::software_security_keys_from_environment();
  return sekisho::cli::run_command_line(count, values, *keys);
}
