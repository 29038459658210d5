// Tests that only root can run have the tag "[.root]" and a CTest entry of their own, which CTest
// reports as skipped when this says so.
#ifndef SEKISHO_TESTS_AGENT_NEEDS_ROOT_H_
#define SEKISHO_TESTS_AGENT_NEEDS_ROOT_H_

#include <unistd.h>

#include "tests/support/catch.h"

namespace sekisho::agent {

inline bool lacks_root() {
  if (::geteuid() == 0) return false;
  WARN("skipped: needs root");
  return true;
}

}  // namespace sekisho::agent

#endif  // SEKISHO_TESTS_AGENT_NEEDS_ROOT_H_
