#include "pam_module/pam_host.h"

#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdlib.h>
#include <string.h>

namespace sekisho::pam {
namespace {

// Frees what the conversation returned, after wiping it: it may be a password or a code.
void discard(pam_response* response) {
  if (response == nullptr) return;
  if (response->resp != nullptr) {
    explicit_bzero(response->resp, strlen(response->resp));
    free(response->resp);
  }
  free(response);
}

}  // namespace

int LinuxPamHost::user(std::string& name) {
  const char* found = nullptr;
  const int outcome = pam_get_user(handle_, &found, nullptr);
  if (outcome != PAM_SUCCESS) return outcome;
  if (found == nullptr || *found == '\0') return PAM_USER_UNKNOWN;
  name = found;
  return PAM_SUCCESS;
}

std::string LinuxPamHost::item(int type) {
  const void* found = nullptr;
  if (pam_get_item(handle_, type, &found) != PAM_SUCCESS || found == nullptr) return {};
  return static_cast<const char*>(found);
}

bool LinuxPamHost::stacked_password(Secret& password) {
  const void* found = nullptr;
  if (pam_get_item(handle_, PAM_AUTHTOK, &found) != PAM_SUCCESS || found == nullptr) return false;
  password = Secret(std::string_view(static_cast<const char*>(found)));
  return true;
}

std::string LinuxPamHost::environment(const char* name) {
  const char* value = pam_getenv(handle_, name);
  // A setuid application's environment comes from who called it.  Nothing but the choice of a
  // language is taken from it.
  if (value == nullptr) value = ::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

int LinuxPamHost::converse(int style, const std::string& text, pam_response** response) {
  const void* found = nullptr;
  if (pam_get_item(handle_, PAM_CONV, &found) != PAM_SUCCESS || found == nullptr) {
    return PAM_CONV_ERR;
  }
  const auto* const conversation = static_cast<const pam_conv*>(found);
  if (conversation->conv == nullptr) return PAM_CONV_ERR;
  // One message a call: how several are laid out differs between systems (M-06).
  const pam_message message{style, text.c_str()};
  const pam_message* messages = &message;
  *response = nullptr;
  return conversation->conv(1, &messages, response, conversation->appdata_ptr);
}

int LinuxPamHost::ask(int style, const std::string& text, Secret& answer) {
  pam_response* response = nullptr;
  const int outcome = converse(style, text, &response);
  if (outcome != PAM_SUCCESS) {
    // What a failed conversation left in `response` is not ours to touch.
    return PAM_CONV_ERR;
  }
  if (response == nullptr || response->resp == nullptr) {
    discard(response);
    return PAM_CONV_ERR;
  }
  answer = Secret(std::string_view(response->resp));
  discard(response);
  return PAM_SUCCESS;
}

void LinuxPamHost::show(int style, const std::string& text) {
  pam_response* response = nullptr;
  if (converse(style, text, &response) == PAM_SUCCESS) discard(response);
}

void LinuxPamHost::delay_failure(std::chrono::microseconds time) {
  pam_fail_delay(handle_, static_cast<unsigned>(time.count()));
}

void LinuxPamHost::log(int priority, std::string_view message) {
  pam_syslog(handle_, priority, "%.*s", static_cast<int>(message.size()), message.data());
}

}  // namespace sekisho::pam
