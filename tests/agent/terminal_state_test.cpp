#include "agent/terminal_state.h"

#include <sys/stat.h>

#include <filesystem>

#include "base/file.h"
#include "tests/agent/fake_gateway.h"
#include "tests/agent/needs_root.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::agent {
namespace {

using sekisho::testing::TemporaryFolder;
using testing::TestAuthority;

struct Terminal {
  Terminal() {
    REQUIRE(state.pin_authority(authority.certificate_pem()));
    REQUIRE(state.replace(old_pair.certificate_pem, old_pair.private_key_pem));
  }
  TemporaryFolder folder;
  TestAuthority authority;
  TestAuthority::Pair old_pair = authority.terminal("t1");
  TestAuthority::Pair new_pair = authority.terminal("t1");
  TerminalState state{folder.path()};

  std::string serial_of(const TestAuthority::Pair& pair) {
    return certs::facts_of_pem(pair.certificate_pem)->serial;
  }
  void write(const char* name, std::string_view content) {
    REQUIRE(write_file_durably(folder.file(name), content, 0600));
  }
};

TEST_CASE("a terminal that has not joined says so", "[agent]") {
  const TemporaryFolder folder;
  CHECK(TerminalState(folder.path()).load().error().code == ErrorCode::kNotFound);
}

TEST_CASE("a crash before the certificate is replaced leaves the old pair", "[agent]") {
  Terminal terminal;
  terminal.write("terminal.key.next", terminal.new_pair.private_key_pem.reveal_text());
  CHECK(terminal.state.load()->facts.serial == terminal.serial_of(terminal.old_pair));
}

TEST_CASE("a crash after the certificate is replaced leaves the new pair", "[agent]") {
  Terminal terminal;
  terminal.write("terminal.key.next", terminal.new_pair.private_key_pem.reveal_text());
  terminal.write("terminal.pem", terminal.new_pair.certificate_pem);
  const auto identity = terminal.state.load();
  REQUIRE(identity);
  CHECK(identity->facts.serial == terminal.serial_of(terminal.new_pair));
  CHECK(identity->private_key_pem.reveal_text() == terminal.new_pair.private_key_pem.reveal_text());
  // The next renewal must not overwrite the only key that fits.
  const TestAuthority::Pair third = terminal.authority.terminal("t1");
  REQUIRE(terminal.state.replace(third.certificate_pem, third.private_key_pem));
  CHECK(terminal.state.load()->facts.serial == terminal.serial_of(third));
  CHECK_FALSE(std::filesystem::exists(terminal.folder.file("terminal.key.next")));
}

TEST_CASE("a key and a certificate that do not belong together are not used", "[agent]") {
  Terminal terminal;
  terminal.write("terminal.pem", terminal.new_pair.certificate_pem);
  CHECK(terminal.state.load().error().code == ErrorCode::kCorrupt);
  CHECK_FALSE(
      terminal.state.replace(terminal.old_pair.certificate_pem, terminal.new_pair.private_key_pem));
}

TEST_CASE("a key that others can read is not used", "[agent]") {
  Terminal terminal;
  REQUIRE(::chmod(terminal.folder.file("terminal.key").c_str(), 0644) == 0);
  CHECK(terminal.state.load().error().code == ErrorCode::kDenied);
}

TEST_CASE("joining as root gives the state to the agent's user", "[.root]") {
  if (lacks_root()) return;
  const TemporaryFolder folder;
  const TerminalState state(folder.file("state"));
  const TestAuthority authority;
  const TestAuthority::Pair pair = authority.terminal("t1");
  REQUIRE(state.make_folder("nobody"));
  REQUIRE(state.pin_authority(authority.certificate_pem()));
  REQUIRE(state.replace(pair.certificate_pem, pair.private_key_pem));
  REQUIRE(state.hand_over());
  for (const char* const name :
       {"state", "state/terminal.key", "state/terminal.pem", "state/ca.pem"}) {
    struct stat status {};
    REQUIRE(::stat(folder.file(name).c_str(), &status) == 0);
    CHECK(status.st_uid == 65534);
  }
  // Another agent's folder stays whose it is, and without such a user it stays root's.
  REQUIRE(state.make_folder("daemon"));
  struct stat status {};
  REQUIRE(::stat(folder.file("state").c_str(), &status) == 0);
  CHECK(status.st_uid == 65534);
  CHECK(TerminalState(folder.file("other")).make_folder("no-such-user"));
}

TEST_CASE("a certificate that is none is told", "[agent]") {
  Terminal terminal;
  terminal.write("terminal.pem", "garbage");
  CHECK(terminal.state.load().error().code == ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace sekisho::agent
