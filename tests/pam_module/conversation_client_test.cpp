#include "pam_module/conversation_client.h"

#include <sys/stat.h>

#include <csignal>

#include "tests/pam_module/scripted_agent.h"
#include "tests/pam_module/scripted_host.h"
#include "tests/support/catch.h"

namespace sekisho::pam {
namespace {

using namespace std::chrono_literals;
using conversation::Begin;
using conversation::Echo;
using conversation::Finish;
using conversation::Info;
using conversation::Problem;
using conversation::Prompt;
using conversation::Purpose;
using conversation::Reply;
using conversation::Status;
using testing::AgentEnd;
using testing::ScriptedAgent;
using testing::ScriptedHost;

ModuleOptions options_for(const ScriptedAgent& agent) {
  ModuleOptions options;
  options.socket = agent.path();
  options.timeout = 1s;
  return options;
}

int outcome_of(ScriptedHost& host, const ScriptedAgent::Script& script, int flags = 0) {
  const ScriptedAgent agent(script);
  return authenticate(host, options_for(agent), flags);
}

const Prompt kCodePrompt{Echo::kOff, Purpose::kCode, "Code: "};
const Prompt kPasswordPrompt{Echo::kOff, Purpose::kPassword, "Password: "};

TEST_CASE("every status the agent gives has its own PAM code, and none is PAM_IGNORE", "[pam]") {
  const std::pair<Status, int> codes[] = {
      {Status::kGranted, PAM_SUCCESS},
      {Status::kDenied, PAM_AUTH_ERR},
      {Status::kMaxTries, PAM_MAXTRIES},
      {Status::kUnavailable, PAM_AUTHINFO_UNAVAIL},
      {Status::kConversationError, PAM_CONV_ERR},
      {Status::kNotEntitled, PAM_CRED_INSUFFICIENT},
  };
  for (const auto& [status, code] : codes) {
    ScriptedHost host;
    CHECK(outcome_of(host, [status = status](AgentEnd& agent) {
            agent.receive();
            agent.send(Finish{status});
          }) == code);
  }
}

TEST_CASE("what the application knows of the person reaches the agent", "[pam]") {
  ScriptedHost host;
  host.items = {{PAM_SERVICE, "sshd"}, {PAM_TTY, "ssh"}, {PAM_RHOST, "192.0.2.7"}};
  host.variables = {{"LANG", "ja_JP.UTF-8"}};
  Begin seen;
  outcome_of(
      host,
      [&seen](AgentEnd& agent) {
        seen = std::get<Begin>(agent.receive());
        agent.send(Finish{Status::kDenied});
      },
      PAM_SILENT);
  CHECK(seen.user == "taro");
  CHECK(seen.service == "sshd");
  CHECK(seen.tty == "ssh");
  CHECK(seen.rhost == "192.0.2.7");
  CHECK(seen.locale == "ja_JP.UTF-8");
  CHECK(seen.silent);
}

TEST_CASE("a claimed host name that would not fit or not print is tamed, not trusted", "[pam]") {
  ScriptedHost host;
  host.items[PAM_RHOST] = "\x1b[2J\xff" + std::string(1000, 'x');
  Begin seen;
  outcome_of(host, [&seen](AgentEnd& agent) {
    seen = std::get<Begin>(agent.receive());
    agent.send(Finish{Status::kDenied});
  });
  CHECK(seen.rhost.starts_with("\\x1b[2J\\xffxx"));
  CHECK(seen.rhost.size() <= conversation::kMaxRhost);
}

TEST_CASE("answers are carried byte by byte, hidden, and texts are shown", "[pam]") {
  ScriptedHost host;
  host.answers = {"pass word", "\b\n\r\x7f\xff"};
  std::string first;
  std::string second;
  CHECK(outcome_of(host, [&](AgentEnd& agent) {
          agent.receive();
          agent.send(kPasswordPrompt);
          first = std::get<Reply>(agent.receive()).text.reveal_text();
          agent.send(kCodePrompt);
          second = std::get<Reply>(agent.receive()).text.reveal_text();
          agent.send(Info{"welcome"});
          agent.send(Problem{"but"});
          agent.send(Finish{Status::kGranted});
        }) == PAM_SUCCESS);
  CHECK(first == "pass word");
  CHECK(second == "\b\n\r\x7f\xff");
  CHECK(host.asked == std::vector<ScriptedHost::Shown>{{PAM_PROMPT_ECHO_OFF, "Password: "},
                                                       {PAM_PROMPT_ECHO_OFF, "Code: "}});
  CHECK(host.shown ==
        std::vector<ScriptedHost::Shown>{{PAM_TEXT_INFO, "welcome"}, {PAM_ERROR_MSG, "but"}});
  CHECK(host.delay == 0us);
}

TEST_CASE("an application that asked for silence sees prompts only", "[pam]") {
  ScriptedHost host;
  host.answers = {"123456"};
  CHECK(outcome_of(
            host,
            [](AgentEnd& agent) {
              agent.receive();
              agent.send(Info{"one"});
              agent.send(kCodePrompt);
              agent.receive();
              agent.send(Problem{"two"});
              agent.send(Finish{Status::kDenied});
            },
            PAM_SILENT) == PAM_AUTH_ERR);
  CHECK(host.asked.size() == 1);
  CHECK(host.shown.empty());
}

TEST_CASE("a person who cannot be asked is no wrong answer", "[pam]") {
  ScriptedHost host;
  bool aborted = false;
  CHECK(outcome_of(host, [&aborted](AgentEnd& agent) {
          agent.receive();
          agent.send(kCodePrompt);
          aborted = std::holds_alternative<conversation::Abort>(agent.receive());
          agent.wait_for_the_end();
        }) == PAM_CONV_ERR);
  CHECK(aborted);
  CHECK(host.delay == 0us);
}

TEST_CASE("an answer longer than PAM allows is refused without sending it", "[pam]") {
  ScriptedHost host;
  host.answers = {std::string(conversation::kMaxReply + 1, 'x')};
  bool aborted = false;
  CHECK(outcome_of(host, [&aborted](AgentEnd& agent) {
          agent.receive();
          agent.send(kCodePrompt);
          aborted = std::holds_alternative<conversation::Abort>(agent.receive());
        }) == PAM_AUTH_ERR);
  CHECK(aborted);
}

TEST_CASE("a refusal asks for a delay unless the administrator does not want one", "[pam]") {
  const ScriptedAgent::Script refuse = [](AgentEnd& agent) {
    agent.receive();
    agent.send(Finish{Status::kDenied});
  };
  ScriptedHost host;
  outcome_of(host, refuse);
  CHECK(host.delay == 2s);
  ScriptedHost hurried;
  const ScriptedAgent agent(refuse);
  ModuleOptions options = options_for(agent);
  options.delays_refusals = false;
  authenticate(hurried, options, 0);
  CHECK(hurried.delay == 0us);
}

TEST_CASE("a password of the stack answers the password prompt only, and only when told", "[pam]") {
  std::string password;
  std::string code;
  const ScriptedAgent::Script ask_both = [&](AgentEnd& agent) {
    agent.receive();
    agent.send(kPasswordPrompt);
    password = std::get<Reply>(agent.receive()).text.reveal_text();
    agent.send(kCodePrompt);
    code = std::get<Reply>(agent.receive()).text.reveal_text();
    agent.send(Finish{Status::kGranted});
  };
  {
    ScriptedHost host;
    host.password_of_stack = "from the stack";
    host.answers = {"123456"};
    const ScriptedAgent agent(ask_both);
    ModuleOptions options = options_for(agent);
    options.first_pass = ModuleOptions::FirstPass::kUse;
    CHECK(authenticate(host, options, 0) == PAM_SUCCESS);
    CHECK(password == "from the stack");
    CHECK(code == "123456");
  }
  {
    ScriptedHost host;
    host.password_of_stack = "from the stack";
    host.answers = {"typed", "123456"};
    CHECK(outcome_of(host, ask_both) == PAM_SUCCESS);
    CHECK(password == "typed");
  }
}

TEST_CASE("no agent means refusal, with its own text in the person's language", "[pam]") {
  const sekisho::testing::TemporaryFolder folder;
  ModuleOptions options;
  options.socket = folder.file("agent.sock");
  ScriptedHost host;
  host.variables = {{"LANG", "en_US.UTF-8"}};
  CHECK(authenticate(host, options, 0) == PAM_AUTHINFO_UNAVAIL);
  REQUIRE(host.shown.size() == 1);
  CHECK(host.shown[0].style == PAM_ERROR_MSG);
  CHECK(host.shown[0].text.find("cannot be reached") != std::string::npos);
  CHECK(host.logged.size() == 1);

  ScriptedHost japanese;
  japanese.variables = {{"LC_ALL", "ja_JP.UTF-8"}, {"LANG", "C"}};
  authenticate(japanese, options, 0);
  CHECK(japanese.shown.at(0).text.find("接続できません") != std::string::npos);

  ScriptedHost overruled;
  overruled.variables = {{"LANG", "ja_JP.UTF-8"}};
  options.language = conversation::Language::kEnglish;
  authenticate(overruled, options, 0);
  CHECK(overruled.shown.at(0).text.find("cannot be reached") != std::string::npos);

  ScriptedHost silent;
  CHECK(authenticate(silent, options, PAM_SILENT) == PAM_AUTHINFO_UNAVAIL);
  CHECK(silent.shown.empty());
}

TEST_CASE("an agent that accepts and says nothing is given up in time", "[pam]") {
  ScriptedHost host;
  const auto start = std::chrono::steady_clock::now();
  CHECK(outcome_of(host, [](AgentEnd& agent) { agent.wait_for_the_end(); }) ==
        PAM_AUTHINFO_UNAVAIL);
  CHECK(std::chrono::steady_clock::now() - start < 3s);
}

TEST_CASE("an agent that asks for time gets it for one message", "[pam]") {
  // The second silence is as long as the first, and nobody asked for it.
  const auto silence = [](AgentEnd& agent) { return agent.is_silent_for(1500ms); };
  for (const bool is_asked_twice : {true, false}) {
    ScriptedHost host;
    CHECK(outcome_of(host, [&](AgentEnd& agent) {
            agent.receive();
            agent.send(conversation::Wait{30s});
            silence(agent);
            agent.send(Info{"now touch it"});
            if (is_asked_twice) agent.send(conversation::Wait{30s});
            silence(agent);
            agent.send(Finish{Status::kGranted});
          }) == (is_asked_twice ? PAM_SUCCESS : PAM_AUTHINFO_UNAVAIL));
    CHECK(host.shown.at(0) == ScriptedHost::Shown{PAM_TEXT_INFO, "now touch it"});
  }
}

TEST_CASE("an agent that asks for time again and again gets no more than six minutes", "[pam]") {
  for (const int waits : {5, 6}) {
    ScriptedHost host;
    CHECK(outcome_of(host, [waits](AgentEnd& agent) {
            agent.receive();
            for (int i = 0; i < waits; ++i) agent.send(conversation::Wait{60s});
            agent.send(Info{"once more"});
            agent.send(conversation::Wait{60s});
            agent.is_silent_for(1500ms);
            agent.send(Finish{Status::kGranted});
          }) == (waits == 5 ? PAM_SUCCESS : PAM_AUTHINFO_UNAVAIL));
  }
}

TEST_CASE("an agent that asks for less time than the administrator allows gets that", "[pam]") {
  ScriptedHost host;
  const ScriptedAgent agent([](AgentEnd& end) {
    end.receive();
    end.send(conversation::Wait{1s});
    end.is_silent_for(1500ms);
    end.send(Finish{Status::kGranted});
  });
  ModuleOptions options = options_for(agent);
  options.timeout = 20s;
  CHECK(authenticate(host, options, 0) == PAM_SUCCESS);
}

TEST_CASE("a PIN is asked for hidden, and a password of the stack does not answer it", "[pam]") {
  ScriptedHost host;
  host.password_of_stack = "from the stack";
  host.answers = {"1234"};
  std::string pin;
  const ScriptedAgent agent([&pin](AgentEnd& end) {
    end.receive();
    end.send(Prompt{Echo::kOff, Purpose::kPin, "PIN (8 tries left): "});
    pin = std::get<Reply>(end.receive()).text.reveal_text();
    end.send(Finish{Status::kGranted});
  });
  ModuleOptions options = options_for(agent);
  options.first_pass = ModuleOptions::FirstPass::kUse;
  CHECK(authenticate(host, options, 0) == PAM_SUCCESS);
  CHECK(pin == "1234");
  CHECK(host.asked ==
        std::vector<ScriptedHost::Shown>{{PAM_PROMPT_ECHO_OFF, "PIN (8 tries left): "}});
}

TEST_CASE("an agent that hangs up in the middle means refusal", "[pam]") {
  ScriptedHost host;
  host.answers = {"123456"};
  CHECK(outcome_of(host, [](AgentEnd& agent) { agent.receive(); }) == PAM_AUTHINFO_UNAVAIL);
  CHECK(outcome_of(host, [](AgentEnd& agent) {
          agent.receive();
          agent.send(kCodePrompt);
          agent.receive();
        }) == PAM_AUTHINFO_UNAVAIL);
}

TEST_CASE("an agent that talks nonsense means refusal", "[pam]") {
  const Bytes nonsense[] = {{0, 0, 0, 0},           {0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 1, 99},
                            {0, 0, 0, 2, 19, 0},    {0, 0, 0, 3, 19, 1, 0},   {0, 0, 0, 2, 19, 25},
                            {0, 0, 0, 3, 20, 0, 0}, {0, 0, 0, 3, 20, 1, 45}};
  for (const Bytes& bytes : nonsense) {
    ScriptedHost host;
    CHECK(outcome_of(host, [&bytes](AgentEnd& agent) {
            agent.receive();
            agent.send_bytes(bytes);
            agent.wait_for_the_end();
          }) == PAM_AUTHINFO_UNAVAIL);
  }
}

TEST_CASE("an agent that never comes to an end is cut off", "[pam]") {
  ScriptedHost host;
  CHECK(outcome_of(host, [](AgentEnd& agent) {
          agent.receive();
          while (true) agent.send(Info{"again"});
        }) == PAM_AUTHINFO_UNAVAIL);
}

TEST_CASE("what a tired agent said before it hung up is still heard, without SIGPIPE", "[pam]") {
  std::signal(SIGPIPE, SIG_DFL);
  class SlowHost final : public PamHost {
   public:
    explicit SlowHost(std::thread& agent) : agent_(agent) {}
    int user(std::string& name) override { return name = "taro", PAM_SUCCESS; }
    std::string item(int) override { return ""; }
    bool stacked_password(Secret&) override { return false; }
    std::string environment(const char*) override { return ""; }
    int ask(int, const std::string&, Secret& answer) override {
      agent_.join();  // the agent gives up while the person still types
      answer = Secret(std::string_view("123456"));
      return PAM_SUCCESS;
    }
    void show(int, const std::string& text) override { shown = text; }
    void delay_failure(std::chrono::microseconds) override {}
    void log(int, std::string_view) override {}
    std::string shown;

   private:
    std::thread& agent_;
  };
  const sekisho::testing::TemporaryFolder folder;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, folder.file("s").c_str());
  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener.get(), 1) == 0);
  std::thread agent([&listener] {
    AgentEnd end(UniqueFd(::accept(listener.get(), nullptr, nullptr)));
    end.receive();
    end.send(kCodePrompt);
    end.send(Problem{"too slow"});
    end.send(Finish{Status::kConversationError});
  });
  SlowHost host(agent);
  ModuleOptions options;
  options.socket = folder.file("s");
  CHECK(authenticate(host, options, 0) == PAM_CONV_ERR);
  CHECK(host.shown == "too slow");
}

TEST_CASE("a socket in a folder that others can write is not believed", "[pam]") {
  ScriptedHost host;
  const ScriptedAgent agent([](AgentEnd& end) {
    end.receive();
    end.send(Finish{Status::kGranted});
  });
  REQUIRE(::chmod(agent.folder().c_str(), 0777) == 0);
  CHECK(authenticate(host, options_for(agent), 0) == PAM_AUTHINFO_UNAVAIL);
}

TEST_CASE("an application without a user gets its own code back", "[pam]") {
  ScriptedHost host;
  host.user_outcome = PAM_CONV_ERR;
  CHECK(authenticate(host, ModuleOptions{}, 0) == PAM_CONV_ERR);
}

TEST_CASE("a user name that is not plain text is refused without asking anybody", "[pam]") {
  for (const std::string name : {"\xff", "a\nb", "\x1b[2J"}) {
    ScriptedHost host;
    host.name = name;
    CHECK(authenticate(host, ModuleOptions{}, 0) == PAM_AUTH_ERR);
  }
  ScriptedHost host;
  host.name = std::string(conversation::kMaxUser + 1, 'u');
  CHECK(authenticate(host, ModuleOptions{}, 0) == PAM_AUTH_ERR);
}

}  // namespace
}  // namespace sekisho::pam
