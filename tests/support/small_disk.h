// A file system of a few megabytes that a test can fill.
#ifndef SEKISHO_TESTS_SUPPORT_SMALL_DISK_H_
#define SEKISHO_TESTS_SUPPORT_SMALL_DISK_H_

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

namespace sekisho::testing {

// A tmpfs in a mount namespace of this process, so that nothing of it outlives the test.  Needs
// the right to mount; without it is_there() is false and reason() tells why.
class SmallDisk {
 public:
  explicit SmallDisk(int megabytes) {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      reason_ = std::string("no mount namespace of our own: ") + std::strerror(errno);
      return;
    }
    const std::string options = "size=" + std::to_string(megabytes) + "m";
    if (mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, options.c_str()) != 0) {
      reason_ = std::string("no tmpfs: ") + std::strerror(errno);
      return;
    }
    is_there_ = true;
  }
  ~SmallDisk() {
    if (is_there_) umount2(folder_.path().c_str(), MNT_DETACH);
  }

  bool is_there() const { return is_there_; }
  const std::string& reason() const { return reason_; }
  std::string file(const std::string& name) const { return folder_.file(name); }

  // Leaves not one byte free.
  void fill() {
    const int filler = open(file("filler").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    REQUIRE(filler >= 0);
    const std::array<char, 4096> block{};
    while (write(filler, block.data(), block.size()) > 0) {
    }
    CHECK(errno == ENOSPC);
    close(filler);
  }
  void make_room() { REQUIRE(unlink(file("filler").c_str()) == 0); }

 private:
  TemporaryFolder folder_;
  bool is_there_ = false;
  std::string reason_;
};

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_SMALL_DISK_H_
