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
  void put_loginuid(std::string_view uid) {
    REQUIRE(write_file_durably(folder_.file("42") + "/loginuid", uid, 0644));
  }
  void remove_loginuid() { ::unlink((folder_.file("42") + "/loginuid").c_str()); }
  void put_session(const std::string& id, std::string_view text) {
    REQUIRE(write_file_durably(folder_.file("sessions") + "/" + id, text, 0644));
  }
  void make_fifo(const std::string& name) {
    REQUIRE(::mkfifo((folder_.file("sessions") + "/" + name).c_str(), 0600) == 0);
  }
  void boot_systemd() { REQUIRE(::mkdir(folder_.file("system").c_str(), 0755) == 0); }
  void remove_session(const std::string& id) {
    REQUIRE(::unlink((folder_.file("sessions") + "/" + id).c_str()) == 0);
  }
  void remove_sessions() { REQUIRE(::rmdir(folder_.file("sessions").c_str()) == 0); }
  Whereabouts of(pid_t process = 42, uid_t user = 1000) const {
    return LoginSessions(folder_.path(), folder_.file("sessions"), folder_.file("system"))
        .of(process, user);
  }
  Whereabouts of_root() const { return of(42, 0); }

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

TEST_CASE("a name that looks like another hierarchy's line is a name", "[agent][key]") {
  Machine machine;
  machine.put_session("3", kAtTheSeat);
  machine.put_session("5", "UID=1001\nACTIVE=1\nREMOTE=1\n");
  for (const char* const cgroups :
       {"0::/user.slice/user-1001.slice/session-5.scope/"
        "x:name=systemd:/user.slice/user-1000.slice/session-3.scope\n",
        "0::/user.slice/user-1001.slice/session-5.scope/"
        "0::/user.slice/user-1000.slice/session-3.scope\n",
        "4:memory:/x:name=systemd:/user.slice/user-1000.slice/session-3.scope\n"
        "0::/user.slice/user-1001.slice/session-5.scope\n",
        "3:name=systemd,x:/user.slice/user-1000.slice/session-3.scope\n"
        "0::/user.slice/user-1001.slice/session-5.scope\n",
        "7::/user.slice/user-1000.slice/session-3.scope\n"
        "0::/user.slice/user-1001.slice/session-5.scope\n"}) {
    machine.put_process(cgroups);
    CHECK(machine.of_root() == Whereabouts::kElsewhere);
  }
}

TEST_CASE("a session at the desk may be joined from one that is not", "[agent][key]") {
  Machine machine;
  machine.put_process(GENERATE(kInSession, kInManager));
  machine.put_session("3", kAtTheSeat);
  CHECK(machine.of_root() == Whereabouts::kHere);
  // ssh from afar, ssh to localhost, a session that another session's processes outlived.
  for (const char* const other :
       {kFromAfar, "UID=1000\nACTIVE=1\nREMOTE=0\nCLASS=user\nTTY=pts/0\n",
        "UID=1000\nACTIVE=1\nREMOTE=0\nSEAT=\n", "UID=1000\nACTIVE=1\n",
        "UID=1000\nACTIVE=1\nREMOTE=1\nCLASS=manager\n",
        "UID=1000\nACTIVE=0\nREMOTE=1\nSEAT=seat0\nSTATE=closing\n"}) {
    machine.put_session("5", other);
    CHECK(machine.of_root() == Whereabouts::kElsewhere);
  }
  // Another console, systemd's own part, somebody else.
  for (const char* const other :
       {"UID=1000\nACTIVE=0\nREMOTE=0\nSEAT=seat0\nTTY=tty3\n",
        "UID=1000\nACTIVE=1\nREMOTE=0\nCLASS=manager\n", "UID=1001\nACTIVE=1\nREMOTE=1\n"}) {
    machine.put_session("5", other);
    CHECK(machine.of_root() == Whereabouts::kHere);
  }
}

TEST_CASE("nobody but root is here in another's session", "[agent][key]") {
  Machine machine;
  machine.put_process(GENERATE(kInSession, kInManager));
  machine.put_session("3", kAtTheSeat);
  CHECK(machine.of(42, 1000) == Whereabouts::kHere);
  CHECK(machine.of(42, 1001) == Whereabouts::kElsewhere);
  CHECK(machine.of(42, 0) == Whereabouts::kHere);
}

TEST_CASE("a getty and a display manager are before a login, and no other part of the system is",
          "[agent][key]") {
  Machine machine;
  machine.boot_systemd();
  for (const char* const cgroups :
       {"0::/system.slice/gdm.service\n", "0::/system.slice/lightdm.service\n",
        "0::/system.slice/system-getty.slice/getty@tty1.service\n",
        "1:name=systemd:/system.slice/sddm.service\n0::/\n"}) {
    machine.put_process(cgroups);
    machine.remove_loginuid();
    CHECK(machine.of_root() == Whereabouts::kBeforeLogin);
    machine.put_loginuid("4294967295\n");
    CHECK(machine.of_root() == Whereabouts::kBeforeLogin);
    for (const char* const loginuid : {"1000\n", "0", "42949672950", ""}) {
      machine.put_loginuid(loginuid);
      CHECK(machine.of_root() == Whereabouts::kService);
    }
  }
  machine.remove_loginuid();
  for (const char* const cgroups :
       {"0::/system.slice/cron.service\n", "0::/system.slice/ssh.service\n",
        "0::/system.slice/docker-0123.scope\n", "0::/system.slice/xrdp-sesman.service\n",
        "0::/system.slice/system-serial\\x2dgetty.slice/serial-getty@ttyS0.service\n",
        "0::/system.slice/system-getty.slice/getty@ttyS0.service\n",
        "0::/system.slice/system-getty.slice/getty@tty.service\n",
        "0::/system.slice/system-getty.slice\n", "0::/system.slice\n", "0::/\n",
        "0::/machine.slice/gdm.service\n", "0::/x/system.slice/gdm.service\n",
        "0::/system.slice/cron.service/gdm.service\n"}) {
    machine.put_process(cgroups);
    CHECK(machine.of_root() == Whereabouts::kService);
  }
  for (const char* const cgroups : {"", "5:cpu:/\n"}) {
    machine.put_process(cgroups);
    CHECK(machine.of_root() == Whereabouts::kUnknown);
  }
}

TEST_CASE("without systemd there is nobody who knows of sessions", "[agent][key]") {
  Machine machine;
  for (const char* const cgroups : {"0::/\n", "", "0::/docker/0123\n", "9:name=systemd:/\n0::/\n",
                                    "5:cpu:/user.slice/user-1000.slice/session-3.scope\n"}) {
    machine.put_process(cgroups);
    CHECK(machine.of_root() == Whereabouts::kNoSystemd);
  }
  // A session is one wherever it comes from.
  machine.put_session("3", kFromAfar);
  machine.put_process(kInSession);
  CHECK(machine.of_root() == Whereabouts::kElsewhere);
}

TEST_CASE("what cannot be read is not known", "[agent][key]") {
  Machine machine;
  CHECK(machine.of(43) == Whereabouts::kUnknown);
  for (const char* const cgroups :
       {kInSession, "0::/user.slice/user-1000.slice/session-..scope\n",
        "0::/user.slice/user-1000.slice/session-a/b.scope\n",
        "0::/user.slice/user-1000.slice/other.scope\n", "0::/user.slice/user-1000.slice\n",
        "0::/user.slice\n", "0:/\n", "0\n", "0::x\n", "0::\n", "0::/\n:\n"}) {
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
  using enum Whereabouts;
  for (const char* const service : {"sudo", "login"}) {
    for (const uid_t uid : {kRoot, kTaro}) {
      CHECK(may_use_keys({uid, service, ""}, kHere));
      for (const Whereabouts where : {kElsewhere, kService, kUnknown}) {
        CHECK_FALSE(may_use_keys({uid, service, ""}, where));
      }
      for (const Whereabouts where : {kHere, kBeforeLogin, kNoSystemd}) {
        CHECK_FALSE(may_use_keys({uid, service, "192.0.2.7"}, where));
      }
    }
    CHECK_FALSE(may_use_keys({kTaro, service, ""}, kBeforeLogin));
    CHECK_FALSE(may_use_keys({kTaro, service, ""}, kNoSystemd));
    CHECK(may_use_keys({kRoot, service, ""}, kNoSystemd));
  }
  CHECK(may_use_keys({kRoot, "login", ""}, kBeforeLogin));
  CHECK(may_use_keys({kRoot, "gdm-password", ""}, kBeforeLogin));
  for (const char* const service : {"su", "sudo", "sshd", "cron", "xrdp-sesman", ""}) {
    CHECK_FALSE(may_use_keys({kRoot, service, ""}, kBeforeLogin));
  }
}

}  // namespace
}  // namespace sekisho::agent
