#include "authn/factors/fido_thread.h"

#include <fido.h>

namespace sekisho::authn {
namespace {

bool prepare() {
  fido_init(FIDO_DISABLE_U2F_FALLBACK);
  fido_set_log_handler([](const char*) {});
  return true;
}

}  // namespace

void prepare_fido_in_this_thread() {
  thread_local const bool is_ready = prepare();
  static_cast<void>(is_ready);
}

}  // namespace sekisho::authn
