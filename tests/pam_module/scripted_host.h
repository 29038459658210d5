// An application that asks nobody: answers come from a list, and what was shown is kept.
#ifndef SEKISHO_TESTS_PAM_MODULE_SCRIPTED_HOST_H_
#define SEKISHO_TESTS_PAM_MODULE_SCRIPTED_HOST_H_

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pam_module/pam_host.h"

namespace sekisho::pam::testing {

class ScriptedHost final : public PamHost {
 public:
  struct Shown {
    int style;
    std::string text;
    bool operator==(const Shown&) const = default;
  };

  std::string name = "taro";
  int user_outcome = PAM_SUCCESS;
  std::map<int, std::string> items{{PAM_SERVICE, "login"}, {PAM_TTY, "tty1"}};
  std::map<std::string, std::string> variables;
  std::optional<std::string> password_of_stack;
  std::deque<std::string> answers;  // none left: the person cannot be asked

  std::vector<Shown> asked;
  std::vector<Shown> shown;
  std::vector<std::string> logged;
  std::chrono::microseconds delay{0};

  int user(std::string& out) override {
    out = name;
    return user_outcome;
  }
  std::string item(int type) override { return items.contains(type) ? items[type] : ""; }
  bool stacked_password(Secret& password) override {
    if (!password_of_stack) return false;
    password = Secret(std::string_view(*password_of_stack));
    return true;
  }
  std::string environment(const char* variable) override {
    return variables.contains(variable) ? variables[variable] : "";
  }
  int ask(int style, const std::string& text, Secret& answer) override {
    asked.push_back({style, text});
    if (answers.empty()) return PAM_CONV_ERR;
    answer = Secret(std::string_view(answers.front()));
    answers.pop_front();
    return PAM_SUCCESS;
  }
  void show(int style, const std::string& text) override { shown.push_back({style, text}); }
  void delay_failure(std::chrono::microseconds time) override { delay = time; }
  void log(int, std::string_view message) override { logged.emplace_back(message); }
};

}  // namespace sekisho::pam::testing

#endif  // SEKISHO_TESTS_PAM_MODULE_SCRIPTED_HOST_H_
