#include "agent/login_sessions.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::agent {
namespace {

// A machine with one process, number 42, and the sessions of one test.
class Machine {
 public:
  Machine() {
    REQUIRE(::mkdir(folder_.file("42").c_str(), 0755) == 0);
    REQUIRE(::mkdir(folder_.file("sessions").c_str(), 0755) == 0);
  }
  void put_process(std::string_view cgroups) {
    REQUIRE(write_file_durably(folder_.file("42") + "/cgroup", cgroups, 0644));
  }
  void put_session(const std::string& id, std::string_view text) {
    REQUIRE(write_file_durably(folder_.file("sessions") + "/" + id, text, 0644));
  }
  void make_fifo(const std::string& name) {
    REQUIRE(::mkfifo((folder_.file("sessions") + "/" + name).c_str(), 0600) == 0);
  }
  void remove_sessions() { REQUIRE(::rmdir(folder_.file("sessions").c_str()) == 0); }
  Whereabouts of(pid_t process = 42) const {
    return LoginSessions(folder_.path(), folder_.file("sessions")).of(process);
  }

 private:
  sekisho::testing::TemporaryFolder folder_;
};

constexpr const char* kAtTheSeat =
    "# This is private data. Do not parse.\nUID=1000\nUSER=taro\nACTIVE=1\nIS_DISPLAY=1\n"
    "STATE=active\nREMOTE=0\nTYPE=wayland\nCLASS=user\nSEAT=seat0\nTTY=tty2\n";
constexpr const char* kFromAfar =
    "UID=1000\nUSER=taro\nACTIVE=1\nREMOTE=1\nTYPE=tty\nREMOTE_HOST=192.0.2.7\nTTY=pts/0\n";
constexpr const char* kInSession = "0::/user.slice/user-1000.slice/session-3.scope\n";
constexpr const char* kInManager =
    "0::/user.slice/user-1000.slice/user@1000.service/app.slice/locker.service\n";

TEST_CASE("a process in the session at the seat is here", "[agent][key]") {
  Machine machine;
  machine.put_session("3", kAtTheSeat);
  for (const char* const cgroups :
       {kInSession, "0::/user.slice/user-1000.slice/session-3.scope/part\n",
        "12:pids:/x\n1:name=systemd:/user.slice/user-1000.slice/session-3.scope\n0::/\n"}) {
    machine.put_process(cgroups);
    CHECK(machine.of() == Whereabouts::kHere);
  }
}

TEST_CASE("an ssh session, a seat left to another, and a session at none are elsewhere",
          "[agent][key]") {
  Machine machine;
  machine.put_process(kInSession);
  for (const char* const session :
       {kFromAfar, "UID=1000\nACTIVE=1\nREMOTE=1\nSEAT=seat0\n",
        "UID=1000\nACTIVE=0\nREMOTE=0\nSEAT=seat0\n", "UID=1000\nACTIVE=1\nREMOTE=0\nSEAT=\n",
        "UID=1000\nACTIVE=1\nREMOTE=0\n", "UID=1000\nACTIVE=1\nSEAT=seat0\n", "\xff\n", ""}) {
    machine.put_session("3", session);
    CHECK(machine.of() == Whereabouts::kElsewhere);
  }
}

TEST_CASE("what the user's own manager started is where the user's sessions are", "[agent][key]") {
  Machine machine;
  machine.put_process(kInManager);
  machine.make_fifo("3.ref");  // reading it would wait for ever
  CHECK(machine.of() == Whereabouts::kElsewhere);
  machine.put_session("3", "UID=1001\nACTIVE=1\nREMOTE=0\nSEAT=seat0\n");
  CHECK(machine.of() == Whereabouts::kElsewhere);
  machine.put_session("c1", kAtTheSeat);
  CHECK(machine.of() == Whereabouts::kHere);
  // Which of the two asks cannot be told.
  machine.put_session("5", kFromAfar);
  CHECK(machine.of() == Whereabouts::kElsewhere);
}

TEST_CASE("a name that a user gives inside the own part of the tree says nothing", "[agent][key]") {
  Machine machine;
  machine.put_session("3", kAtTheSeat);
  machine.put_session("5", kFromAfar);
  for (const char* const cgroups :
       {"0::/user.slice/user-1000.slice/user@1000.service/session-3.scope\n",
        "0::/user.slice/user-1000.slice/session-5.scope/session-3.scope\n"}) {
    machine.put_process(cgroups);
    CHECK(machine.of() == Whereabouts::kElsewhere);
  }
}

TEST_CASE("a process of the system has no session", "[agent][key]") {
  Machine machine;
  for (const char* const cgroups : {"0::/system.slice/gdm.service\n", "0::/\n", "",
                                    "5:cpu:/user.slice/user-1000.slice/session-3.scope\n"}) {
    machine.put_process(cgroups);
    CHECK(machine.of() == Whereabouts::kNoSession);
  }
}

TEST_CASE("what cannot be read is not known", "[agent][key]") {
  Machine machine;
  CHECK(machine.of(43) == Whereabouts::kUnknown);
  for (const char* const cgroups : {kInSession, "0::/user.slice/user-1000.slice/session-..scope\n",
                                    "0::/user.slice/user-1000.slice/session-a/b.scope\n",
                                    "0::/user.slice/user-1000.slice/other.scope\n"}) {
    machine.put_process(cgroups);
    CHECK(machine.of() == Whereabouts::kUnknown);
  }
  machine.put_process(kInManager);
  machine.remove_sessions();
  CHECK(machine.of() == Whereabouts::kUnknown);
}

TEST_CASE("keys are for whoever is here, and for root's programs before a session",
          "[agent][key]") {
  constexpr uid_t kRoot = 0;
  constexpr uid_t kTaro = 1000;
  CHECK(may_use_keys(kTaro, "", Whereabouts::kHere));
  CHECK_FALSE(may_use_keys(kTaro, "", Whereabouts::kNoSession));
  CHECK_FALSE(may_use_keys(kTaro, "", Whereabouts::kElsewhere));
  CHECK_FALSE(may_use_keys(kTaro, "", Whereabouts::kUnknown));
  CHECK(may_use_keys(kRoot, "", Whereabouts::kHere));
  CHECK(may_use_keys(kRoot, "", Whereabouts::kNoSession));
  CHECK_FALSE(may_use_keys(kRoot, "", Whereabouts::kElsewhere));
  CHECK_FALSE(may_use_keys(kRoot, "", Whereabouts::kUnknown));
  for (const uid_t peer : {kRoot, kTaro}) {
    CHECK_FALSE(may_use_keys(peer, "192.0.2.7", Whereabouts::kHere));
    CHECK_FALSE(may_use_keys(peer, "192.0.2.7", Whereabouts::kNoSession));
  }
}

}  // namespace
}  // namespace sekisho::agent
