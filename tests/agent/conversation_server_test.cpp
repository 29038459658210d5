#include "agent/conversation_server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "base/file.h"
#include "tests/agent/needs_root.h"
#include "tests/agent/seated_agent.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::agent {
namespace {

using namespace std::chrono_literals;
using conversation::Begin;
using conversation::Finish;
using conversation::Info;
using conversation::Problem;
using conversation::Prompt;
using conversation::Purpose;
using conversation::Status;
using terminal_api::Factor;
using terminal_api::Verdict;
using testing::Agent;
using testing::authority;
using testing::Module;
using testing::taro;

TEST_CASE("a password and a code open the terminal", "[agent]") {
  Agent agent;
  agent.verdict.last_login = instant_of(1'763'886'000'000);
  Module module(agent.path());
  module.send(taro());
  const Prompt password = module.expect<Prompt>();
  CHECK(password.purpose == Purpose::kPassword);
  CHECK(password.echo == conversation::Echo::kOff);
  CHECK(password.text == "Password: ");
  module.reply("pass word");
  const Prompt code = module.expect<Prompt>();
  CHECK(code.purpose == Purpose::kCode);
  CHECK(code.echo == conversation::Echo::kOff);
  module.reply("123 456");
  CHECK(module.expect<Info>().text.find("Last login") == 0);
  CHECK(module.expect<Finish>().status == Status::kGranted);
  REQUIRE(agent.asked().size() == 2);
  const auto begin = terminal_api::decode_begin_request(agent.asked()[0].body).value();
  CHECK(begin.user == "taro");
  CHECK(begin.service == "login");
  CHECK(begin.tty == "tty1");
  const auto finish = terminal_api::decode_finish_request(agent.asked()[1].body).value();
  CHECK(finish.transaction == "tx");
  CHECK(finish.password->reveal_text() == "pass word");
  CHECK(finish.factor == Factor::kTotp);
  CHECK(finish.code.reveal_text() == "123456");
}

TEST_CASE("a recovery code is known by its shape", "[agent]") {
  Agent agent;
  Module module(agent.path());
  module.send(taro());
  module.expect<Prompt>();
  module.reply("p");
  module.expect<Prompt>();
  module.reply("abcd-efgh-ijkl-mnop");
  CHECK(module.expect<Finish>().status == Status::kGranted);
  CHECK(terminal_api::decode_finish_request(agent.asked()[1].body)->factor == Factor::kRecovery);
}

TEST_CASE("where the terminal vouches for the password none is asked or sent", "[agent]") {
  Agent agent;
  agent.factors = {Factor::kTotp};
  Module module(agent.path());
  module.send(taro());
  CHECK(module.expect<Prompt>().purpose == Purpose::kCode);
  module.reply("123456");
  CHECK(module.expect<Finish>().status == Status::kGranted);
  CHECK_FALSE(terminal_api::decode_finish_request(agent.asked()[1].body)->password);
}

TEST_CASE("prompts follow the locale, and the configuration without one", "[agent]") {
  Agent agent;
  for (const std::string locale : {"ja_JP.UTF-8", ""}) {
    Module module(agent.path());
    module.send(taro(locale));
    CHECK(module.expect<Prompt>().text == "パスワード: ");
    module.send(conversation::Abort{});
    CHECK(module.expect<Finish>().status == Status::kConversationError);
  }
}

TEST_CASE("each verdict ends with its own status", "[agent]") {
  const auto outcome = [](terminal_api::FinishResponse verdict) {
    Agent agent;
    agent.verdict = std::move(verdict);
    Module module(agent.path());
    module.send(taro());
    module.expect<Prompt>();
    module.reply("p");
    module.expect<Prompt>();
    module.reply("123456");
    const std::string why = module.expect<Problem>().text;
    return std::pair(module.expect<Finish>().status, why);
  };
  CHECK(outcome({.verdict = Verdict::kDenied}) ==
        std::pair(Status::kDenied, std::string("Authentication failed.")));
  CHECK(outcome({.verdict = Verdict::kExpired}).first == Status::kDenied);
  const auto locked = outcome({.verdict = Verdict::kLocked, .retry_after = 900s});
  CHECK(locked.first == Status::kMaxTries);
  CHECK(locked.second.find("until") != std::string::npos);
  CHECK(outcome({.verdict = Verdict::kLocked}).first == Status::kMaxTries);
}

TEST_CASE("a password given for the code prompt is not sent and does not count", "[agent]") {
  // Whatever its shape: here once a text, once six digits.
  for (const std::string password : {"correct horse", "654321"}) {
    Agent agent;
    Module module(agent.path());
    module.send(taro());
    module.expect<Prompt>();
    module.reply(password);
    for (int i = 0; i < 2; ++i) {
      CHECK(module.expect<Prompt>().purpose == Purpose::kCode);
      module.reply(password);
      CHECK(module.expect<Problem>().text == "A one-time code is 6 or 8 digits.");
    }
    CHECK(module.expect<Finish>().status == Status::kDenied);
    CHECK(agent.asked().size() == 1);
  }
}

TEST_CASE("from afar, what is no code is decided by the gateway and does not travel", "[agent]") {
  // sshd answers for unknown users with junk (X-05), and its "password" method answers every hidden
  // prompt with the password (X-04).
  struct Typed {
    std::string password, code;
  };
  for (const Typed& typed :
       {Typed{"\b\n\r\x7fINCORRECT", "\b\n\r\x7fIN"}, Typed{"\b\n\r\x7fIN", "\b\n\r\x7fIN"},
        Typed{"correct horse", "correct horse"}, Typed{"654321", "654321"},
        Typed{"correct horse", "correct horsf"}, Typed{"correct horse", ""}}) {
    Agent agent;
    agent.verdict = {.verdict = Verdict::kDenied};
    Begin begin = taro();
    begin.rhost = "192.0.2.7";
    Module module(agent.path());
    module.send(begin);
    module.expect<Prompt>();
    module.reply(typed.password);
    module.expect<Prompt>();
    module.reply(typed.code);
    CHECK(module.expect<Problem>().text == "Authentication failed.");
    CHECK(module.expect<Finish>().status == Status::kDenied);
    REQUIRE(agent.asked().size() == 2);
    const auto finish = terminal_api::decode_finish_request(agent.asked()[1].body).value();
    CHECK(finish.password->reveal_text() == typed.password);
    CHECK(finish.factor == Factor::kTotp);
    CHECK(finish.code.reveal_text() == "-");
  }
}

TEST_CASE("a password that is not UTF-8 is a wrong one, decided by the gateway", "[agent]") {
  Agent agent;
  agent.verdict = {.verdict = Verdict::kDenied};
  Module module(agent.path());
  module.send(taro());
  module.expect<Prompt>();
  module.reply("p\xe4ssw\xf6rt");
  module.expect<Prompt>();
  module.reply("123456");
  CHECK(module.expect<Problem>().text == "Authentication failed.");
  CHECK(module.expect<Finish>().status == Status::kDenied);
  REQUIRE(agent.asked().size() == 2);
  CHECK(terminal_api::decode_finish_request(agent.asked()[1].body)->password->empty());
}

TEST_CASE("a slip of the finger may be typed again", "[agent]") {
  Agent agent;
  Module module(agent.path());
  module.send(taro());
  module.expect<Prompt>();
  module.reply("p");
  module.expect<Prompt>();
  module.reply("12345");
  module.expect<Problem>();
  module.expect<Prompt>();
  module.reply("123456");
  CHECK(module.expect<Finish>().status == Status::kGranted);
}

TEST_CASE("no gateway means refusal, and says so", "[agent]") {
  Agent agent({.elsewhere = testing::deserted_address()});
  Module module(agent.path());
  module.send(taro());
  CHECK(module.expect<Problem>().text.find("gateway cannot be reached") != std::string::npos);
  CHECK(module.expect<Finish>().status == Status::kUnavailable);
}

TEST_CASE("a revoked terminal refuses, and says so", "[agent]") {
  Agent agent;
  agent.trouble = {403, R"({"error":"revoked","message":""})"};
  Module module(agent.path());
  module.send(taro());
  CHECK(module.expect<Problem>().text.find("revoked") != std::string::npos);
  CHECK(module.expect<Finish>().status == Status::kUnavailable);
}

TEST_CASE("a gateway that offers no factor we know means refusal", "[agent]") {
  Agent agent;
  agent.factors = {Factor::kPassword};
  Module module(agent.path());
  module.send(taro());
  module.expect<Problem>();
  CHECK(module.expect<Finish>().status == Status::kUnavailable);
}

TEST_CASE("a person who takes too long hears so and has not answered wrongly", "[agent]") {
  Agent agent;
  agent.expires_in = 1s;
  Module module(agent.path());
  module.send(taro());
  module.expect<Prompt>();
  CHECK(module.expect<Problem>().text.find("took too long") != std::string::npos);
  CHECK(module.expect<Finish>().status == Status::kConversationError);
  CHECK(agent.asked().size() == 1);
}

TEST_CASE("what does not begin with Begin is refused", "[agent]") {
  Agent agent;
  for (const Bytes& bytes :
       {Bytes{0, 0, 0, 1, 3}, Bytes{0, 0, 0, 4, 2, 0, 1, 'x'}, Bytes{0xff, 0xff, 0xff, 0xff},
        Bytes{0, 0, 0, 2, 1, 9}, Bytes{0, 0, 0, 2, 1, 1}}) {
    Module module(agent.path());
    module.send_bytes(bytes);
    CHECK(module.expect<Finish>().status == Status::kUnavailable);
    CHECK(module.has_hung_up());
  }
  CHECK(agent.asked().empty());
}

TEST_CASE("a module that hangs up in the middle disturbs nobody", "[agent]") {
  Agent agent;
  for (int i = 0; i < 10; ++i) {
    Module module(agent.path());
    module.send(taro());
    if (i % 2 == 0) module.expect<Prompt>();
  }
  Module module(agent.path());
  module.send(taro());
  CHECK(module.expect<Prompt>().purpose == Purpose::kPassword);
  module.send(conversation::Abort{});
}

// What a conversation that the user "nobody" begins comes to: 1 for a prompt, or 10 and the status.
int outcome_as_nobody(const Agent& agent, const Begin& begin) {
  const std::string path = agent.path();
  REQUIRE(::chmod(path.substr(0, path.rfind('/')).c_str(), 0755) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    int outcome = 99;
    if (::setresuid(65534, 65534, 65534) == 0) {
      Module module(path);
      module.send(begin);
      const conversation::FromAgent first = module.receive();
      outcome = std::holds_alternative<Prompt>(first)
                    ? 1
                    : 10 + static_cast<int>(module.expect<Finish>().status);
    }
    ::_exit(outcome);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

TEST_CASE("a user asks about himself only, as the kernel tells who he is", "[.root]") {
  if (lacks_root()) return;
  Agent agent;
  const auto outcome_about = [&agent](const std::string& user) {
    Begin begin = taro();
    begin.user = user;
    return outcome_as_nobody(agent, begin);
  };
  CHECK(outcome_about("nobody") == 1);
  CHECK(outcome_about("root") == 10 + static_cast<int>(Status::kNotEntitled));
  CHECK(outcome_about("taro") == 10 + static_cast<int>(Status::kNotEntitled));
}

TEST_CASE("a user whom nobody sees sitting here is offered no key", "[.root]") {
  // Somebody in an ssh session would otherwise make the key of the person at the desk blink.
  if (lacks_root()) return;
  Agent agent;
  agent.factors.push_back(Factor::kSecurityKey);
  agent.challenge = {.rp_id = "portal.town.example",
                     .challenge = Bytes(terminal_api::kChallengeBytes, 9),
                     .credentials = {{1, 1}}};
  agent.keys.plug_in(testing::plain_key());
  Begin begin = taro();
  begin.user = "nobody";
  CHECK(outcome_as_nobody(agent, begin) == 1);
  CHECK(agent.keys.looks() == 0);
  Module module(agent.path());
  module.send(taro());
  module.expect<Prompt>();
  CHECK(agent.keys.looks() == 1);
}

TEST_CASE("what a user claims of service and place is marked or dropped", "[.root]") {
  // It would stand in the audit log as if the system had said it.
  if (lacks_root()) return;
  Agent agent;
  Begin begin{"nobody", "sshd", "tty1", "192.0.2.7", "C", false};
  CHECK(outcome_as_nobody(agent, begin) == 1);
  begin.service = std::string(conversation::kMaxService, 'x');
  CHECK(outcome_as_nobody(agent, begin) == 1);
  REQUIRE(agent.asked().size() == 2);
  const auto told = terminal_api::decode_begin_request(agent.asked()[0].body).value();
  CHECK(told.service == "user:sshd");
  CHECK(told.tty.empty());
  CHECK(told.rhost.empty());
  const auto longest = terminal_api::decode_begin_request(agent.asked()[1].body).value();
  CHECK(longest.service == "user:" + std::string(conversation::kMaxService - 5, 'x'));
}

TEST_CASE("two agents do not share a socket, and a dead one's is taken over", "[agent]") {
  Agent agent;
  boost::asio::io_context io;
  const SystemClock clock;
  GatewayClient client({testing::deserted_address()}, {},
                       tls_trusting(authority().certificate_pem()).value());
  testing::FakeSecurityKeys keys;
  ConversationServer second(io, {client, keys, clock},
                            {agent.path(), conversation::Language::kEnglish});
  const Result<void> refused = second.listen();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kAlreadyExists);

  const sekisho::testing::TemporaryFolder folder;
  const std::string path = folder.file("dead.sock");
  {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    const UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    REQUIRE(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ConversationServer heir(io, {client, keys, clock}, {path, conversation::Language::kEnglish});
  CHECK(heir.listen());
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0666);
}

}  // namespace
}  // namespace sekisho::agent
