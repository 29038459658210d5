// The module as it will be installed: what it exports, what it needs, and that an application
// which has never heard of C++ can load and unload it.

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <security/pam_appl.h>
#include <security/pam_modules.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "tests/pam_module/scripted_agent.h"
#include "tests/support/catch.h"

namespace sekisho::pam {
namespace {

std::string output_of(const std::string& command) {
  std::string output;
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char chunk[4096];
  while (const std::size_t got = std::fread(chunk, 1, sizeof chunk, pipe))
    output.append(chunk, got);
  REQUIRE(::pclose(pipe) == 0);
  return output;
}

TEST_CASE("the module exports the six functions of PAM and nothing else", "[pam]") {
  std::istringstream symbols(
      output_of("nm -D --defined-only --format=posix '" SEKISHO_PAM_MODULE "'"));
  std::set<std::string> names;
  for (std::string line; std::getline(symbols, line);) names.insert(line.substr(0, line.find(' ')));
  CHECK(names == std::set<std::string>{"pam_sm_acct_mgmt", "pam_sm_authenticate",
                                       "pam_sm_chauthtok", "pam_sm_close_session",
                                       "pam_sm_open_session", "pam_sm_setcred"});
}

TEST_CASE("the module needs libc and libpam and nothing else", "[pam]") {
  std::istringstream dynamic(output_of("LC_ALL=C readelf -dW '" SEKISHO_PAM_MODULE "'"));
  std::set<std::string> needed;
  for (std::string line; std::getline(dynamic, line);) {
    if (line.find("(NEEDED)") == std::string::npos) continue;
    const std::size_t open = line.find('[');
    needed.insert(line.substr(open + 1, line.find(']') - open - 1));
  }
  needed.erase("ld-linux-x86-64.so.2");
  needed.erase("libm.so.6");
  CHECK(needed == std::set<std::string>{"libc.so.6", "libpam.so.0"});
}

TEST_CASE("the module is not sanitized and keeps no symbol of a thread or a fork", "[pam]") {
  const std::string undefined = output_of("nm -D --undefined-only '" SEKISHO_PAM_MODULE "'");
  for (const char* const name :
       {"__asan", "__ubsan", "pthread_create", " fork", " vfork", "posix_spawn", " system",
        " exit@", "signal@", "sigaction", "setlocale", "setenv", "umask", "chdir"}) {
    INFO(name);
    CHECK(undefined.find(name) == std::string::npos);
  }
}

TEST_CASE("the module loads with every symbol resolved and answers without an agent", "[pam]") {
  void* const module = ::dlopen(SEKISHO_PAM_MODULE, RTLD_NOW | RTLD_LOCAL);
  INFO((module == nullptr ? ::dlerror() : ""));
  REQUIRE(module != nullptr);
  using Entry = int (*)(pam_handle_t*, int, int, const char**);
  const auto entry = [module](const char* name) {
    return reinterpret_cast<Entry>(::dlsym(module, name));
  };
  for (const char* const name : {"pam_sm_setcred", "pam_sm_open_session", "pam_sm_close_session"}) {
    REQUIRE(entry(name) != nullptr);
    CHECK(entry(name)(nullptr, 0, 0, nullptr) == PAM_SUCCESS);
  }
  CHECK(::dlclose(module) == 0);
}

// A stack of our own in a folder of our own, by pam_start_confdir(3).
class Application {
 public:
  Application(const std::string& arguments, const char* user) {
    std::ofstream(folder_.file("test-service"))
        << "auth required " SEKISHO_PAM_MODULE " " << arguments << "\n"
        << "account required " SEKISHO_PAM_MODULE " " << arguments << "\n"
        << "session required " SEKISHO_PAM_MODULE " " << arguments << "\n"
        << "password required " SEKISHO_PAM_MODULE " " << arguments << "\n";
    REQUIRE(::pam_start_confdir("test-service", user, &conversation_, folder_.path().c_str(),
                                &handle_) == PAM_SUCCESS);
  }
  ~Application() { ::pam_end(handle_, PAM_SUCCESS); }
  pam_handle_t* handle() const { return handle_; }
  std::string shown;

 private:
  static int converse(int count, const pam_message** messages, pam_response** response,
                      void* data) {
    auto* const self = static_cast<Application*>(data);
    *response =
        static_cast<pam_response*>(::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
    for (int i = 0; i < count; ++i) {
      self->shown += messages[i]->msg;
      if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF) (*response)[i].resp = ::strdup("123456");
    }
    return PAM_SUCCESS;
  }

  sekisho::testing::TemporaryFolder folder_;
  pam_conv conversation_{&Application::converse, this};
  pam_handle_t* handle_ = nullptr;
};

TEST_CASE("a real libpam runs the module against an agent", "[pam]") {
  std::string code;
  const testing::ScriptedAgent agent([&code](testing::AgentEnd& end) {
    end.receive();
    end.send(conversation::Prompt{conversation::Echo::kOff, conversation::Purpose::kCode, "Code:"});
    code = std::get<conversation::Reply>(end.receive()).text.reveal_text();
    end.send(conversation::Finish{conversation::Status::kGranted});
  });
  Application application("socket=" + agent.path(), "taro");
  CHECK(::pam_authenticate(application.handle(), 0) == PAM_SUCCESS);
  CHECK(code == "123456");
  CHECK(application.shown == "Code:");
  CHECK(::pam_setcred(application.handle(), PAM_ESTABLISH_CRED) == PAM_SUCCESS);
  CHECK(::pam_acct_mgmt(application.handle(), 0) == PAM_SUCCESS);
  CHECK(::pam_open_session(application.handle(), 0) == PAM_SUCCESS);
  CHECK(::pam_close_session(application.handle(), 0) == PAM_SUCCESS);
  CHECK(::pam_chauthtok(application.handle(), 0) != PAM_SUCCESS);
}

TEST_CASE("a real libpam refuses everybody when an option is misspelt", "[pam]") {
  const testing::ScriptedAgent agent([](testing::AgentEnd& end) {
    end.receive();
    end.send(conversation::Finish{conversation::Status::kGranted});
  });
  Application application("socket=" + agent.path() + " nullok", "taro");
  CHECK(::pam_authenticate(application.handle(), 0) == PAM_SERVICE_ERR);
  CHECK(::pam_acct_mgmt(application.handle(), 0) == PAM_SERVICE_ERR);
}

TEST_CASE("a real libpam refuses when nobody listens", "[pam]") {
  Application application("socket=/nonexistent/agent.sock lang=en", "taro");
  CHECK(::pam_authenticate(application.handle(), 0) == PAM_AUTHINFO_UNAVAIL);
  CHECK(application.shown.find("cannot be reached") != std::string::npos);
  Application silent("socket=/nonexistent/agent.sock lang=en", "taro");
  CHECK(::pam_authenticate(silent.handle(), PAM_SILENT) == PAM_AUTHINFO_UNAVAIL);
  CHECK(silent.shown.empty());
}

}  // namespace
}  // namespace sekisho::pam
