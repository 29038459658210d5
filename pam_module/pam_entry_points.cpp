// The six functions PAM calls (pam_sm_authenticate(3) and its siblings).  Start here.
//
// The module is a guest in somebody else's process: no exception leaves it, no process-wide state
// is changed, nothing is kept between two calls.  Only authenticate does anything; the rest answer
// at once:
//   setcred        PAM_SUCCESS, always: it walks the frozen authentication chain, where any other
//                  code would undo a login that was granted (M-16)
//   acct_mgmt      PAM_SUCCESS: whether a user may log in was decided with the factor.  A stack
//                  that skips authentication (sshd with a public key) is not covered by it; the
//                  sample for sshd shows what to require instead
//   open_session, close_session  PAM_SUCCESS: a session needs nothing of ours
//   chauthtok      PAM_SERVICE_ERR: factors are changed at the gateway, not here

#include <security/pam_appl.h>
#include <security/pam_modules.h>
#include <syslog.h>

#include <exception>
#include <new>
#include <span>

#include "pam_module/conversation_client.h"
#include "pam_module/module_options.h"
#include "pam_module/pam_host.h"

namespace sekisho::pam {
namespace {

// The only door: whatever is thrown inside becomes a refusal.
template <typename Work>
int guarded(pam_handle_t* handle, Work&& work) noexcept {
  try {
    LinuxPamHost host(handle);
    try {
      return work(host);
    } catch (const std::bad_alloc&) {
      host.log(LOG_CRIT, "out of memory");
      return PAM_BUF_ERR;
    } catch (const std::exception& problem) {
      host.log(LOG_ERR, problem.what());
      return PAM_SERVICE_ERR;
    }
  } catch (...) {
    return PAM_SERVICE_ERR;
  }
}

// Runs `work` with the options, or refuses because one of them is wrong.
template <typename Work>
int guarded_with_options(pam_handle_t* handle, int argc, const char** argv, Work&& work) noexcept {
  return guarded(handle, [&](PamHost& host) {
    const Result<ModuleOptions> options =
        parse_options(std::span<const char* const>(argv, static_cast<std::size_t>(argc)));
    if (!options) {
      host.log(LOG_ERR, options.error().message);
      return PAM_SERVICE_ERR;
    }
    return work(host, *options);
  });
}

}  // namespace
}  // namespace sekisho::pam

using sekisho::pam::guarded;
using sekisho::pam::guarded_with_options;
using sekisho::pam::ModuleOptions;
using sekisho::pam::PamHost;

#define SEKISHO_EXPORT extern "C" __attribute__((visibility("default")))

SEKISHO_EXPORT int pam_sm_authenticate(pam_handle_t* handle, int flags, int argc,
                                       const char** argv) {
  return guarded_with_options(handle, argc, argv,
                              [flags](PamHost& host, const ModuleOptions& options) {
                                return sekisho::pam::authenticate(host, options, flags);
                              });
}

SEKISHO_EXPORT int pam_sm_setcred(pam_handle_t*, int, int, const char**) {
  return PAM_SUCCESS;
}

SEKISHO_EXPORT int pam_sm_acct_mgmt(pam_handle_t* handle, int, int argc, const char** argv) {
  return guarded_with_options(handle, argc, argv,
                              [](PamHost&, const ModuleOptions&) { return PAM_SUCCESS; });
}

SEKISHO_EXPORT int pam_sm_open_session(pam_handle_t*, int, int, const char**) {
  return PAM_SUCCESS;
}

SEKISHO_EXPORT int pam_sm_close_session(pam_handle_t*, int, int, const char**) {
  return PAM_SUCCESS;
}

SEKISHO_EXPORT int pam_sm_chauthtok(pam_handle_t* handle, int, int, const char**) {
  return guarded(handle, [](PamHost& host) {
    host.log(LOG_ERR, "factors are changed at the gateway; remove pam_sekisho from \"password\"");
    return PAM_SERVICE_ERR;
  });
}
