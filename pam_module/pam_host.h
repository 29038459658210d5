// The application that loaded the module, as a seam: what the module may ask of it and nothing
// else.  Tests play it; LinuxPamHost is the real one.
//
// Functions that can fail return a PAM code, because PAM is what they speak to and for.

#ifndef SEKISHO_PAM_MODULE_PAM_HOST_H_
#define SEKISHO_PAM_MODULE_PAM_HOST_H_

#include <security/pam_appl.h>

#include <chrono>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace sekisho::pam {

class PamHost {
 public:
  virtual ~PamHost() = default;

  // PAM_SUCCESS and who wants to log in, asked for if need be; or why not.
  virtual int user(std::string& name) = 0;
  // PAM_SERVICE, PAM_TTY or PAM_RHOST; "" when it is not set.
  virtual std::string item(int type) = 0;
  // The password an earlier module left (PAM_AUTHTOK), which stays the host's; false when none.
  virtual bool stacked_password(Secret& password) = 0;
  // From the session being made (PAM's environment), else from the process; "" when unset.
  virtual std::string environment(const char* name) = 0;

  // Asks one question (PAM_PROMPT_ECHO_OFF or PAM_PROMPT_ECHO_ON).  PAM_SUCCESS and the answer,
  // or PAM_CONV_ERR: the person could not be asked, which is not a wrong answer.
  virtual int ask(int style, const std::string& text, Secret& answer) = 0;
  // Shows one text (PAM_TEXT_INFO or PAM_ERROR_MSG); hosts that cannot are forgiven.
  virtual void show(int style, const std::string& text) = 0;
  // The application waits at least about this long before it reports a failure.
  virtual void delay_failure(std::chrono::microseconds time) = 0;
  // To the system log, LOG_AUTHPRIV, with the service's and the module's name.
  virtual void log(int priority, std::string_view message) = 0;
};

class LinuxPamHost final : public PamHost {
 public:
  explicit LinuxPamHost(pam_handle_t* handle) : handle_(handle) {}

  int user(std::string& name) override;
  std::string item(int type) override;
  bool stacked_password(Secret& password) override;
  std::string environment(const char* name) override;
  int ask(int style, const std::string& text, Secret& answer) override;
  void show(int style, const std::string& text) override;
  void delay_failure(std::chrono::microseconds time) override;
  void log(int priority, std::string_view message) override;

 private:
  int converse(int style, const std::string& text, pam_response** response);

  pam_handle_t* handle_;  // the application's
};

}  // namespace sekisho::pam

#endif  // SEKISHO_PAM_MODULE_PAM_HOST_H_
