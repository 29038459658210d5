#include "authn/factors/hidraw.h"

#include <errno.h>
#include <fcntl.h>
#include <fido.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <thread>

#include "base/file.h"

namespace sekisho::authn {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLockTime{800};
constexpr milliseconds kBetweenTries{50};

bool is_locked(int device) {
  const auto end = steady_clock::now() + kLockTime;
  while (::flock(device, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kBetweenTries);
  }
  return true;
}

void* open_device(const char* path) {
  auto device = std::make_unique<UniqueFd>(::open(path, O_RDWR | O_CLOEXEC));
  struct stat status {};
  if (!device->valid() || ::fstat(device->get(), &status) != 0 || !S_ISCHR(status.st_mode) ||
      !is_locked(device->get())) {
    return nullptr;
  }
  return device.release();
}

void close_device(void* device) {
  delete static_cast<UniqueFd*>(device);
}

int read_report(void* device, unsigned char* into, std::size_t size, int patience) {
  pollfd source{static_cast<UniqueFd*>(device)->get(), POLLIN, 0};
  if (::poll(&source, 1, patience) <= 0 || (source.revents & POLLIN) == 0) return -1;
  const ssize_t got = ::read(source.fd, into, size);
  return got == static_cast<ssize_t>(size) ? static_cast<int>(got) : -1;
}

int write_report(void* device, const unsigned char* from, std::size_t size) {
  const ssize_t put = ::write(static_cast<UniqueFd*>(device)->get(), from, size);
  return put == static_cast<ssize_t>(size) ? static_cast<int>(put) : -1;
}

}  // namespace

const fido_dev_io* hidraw() {
  static constexpr fido_dev_io_t kIo{open_device, close_device, read_report, write_report};
  return &kIo;
}

}  // namespace sekisho::authn
