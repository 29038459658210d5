// Frames to and from one open key, until a moment that nothing puts off.
//
// libfido2's own timeout counts whole milliseconds between frames: a key that says without a pause
// that it still waits (CTAPHID_KEEPALIVE, CTAP 2.1 section 11.2.9.2.2) is listened to for ever.
// So its frames go through here, and past the moment there are none.

#ifndef SEKISHO_AUTHN_FACTORS_KEY_LINE_H_
#define SEKISHO_AUTHN_FACTORS_KEY_LINE_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>

struct fido_dev;
struct fido_dev_io;

namespace sekisho::authn {

class KeyLine {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // Opens `device` at `path`, over `wire` or, when that is nullptr, over Linux's hidraw; gives up
  // at `end`.  Returns libfido2's code.  `line` is set when it is FIDO_OK, and lives until the
  // device is closed.
  static int open(fido_dev* device, const std::string& path, const fido_dev_io* wire, Moment end,
                  KeyLine*& line);
  KeyLine(const KeyLine&) = delete;
  KeyLine& operator=(const KeyLine&) = delete;

  // From any thread.
  void end_at(Moment end) { end_ = end.time_since_epoch().count(); }
  // The same, unless it ends sooner already.
  void end_no_later_than(Moment end);

 private:
  KeyLine(const fido_dev_io* wire, void* handle, Moment end)
      : wire_(wire), handle_(handle), end_(end.time_since_epoch().count()) {}
  ~KeyLine();

  static void* open_pending(const char* path);
  static void close(void* line);
  static int read(void* line, unsigned char* into, std::size_t size, int milliseconds);
  static int write(void* line, const unsigned char* from, std::size_t size);

  Moment end() const { return Moment(Moment::duration(end_.load())); }
  int read(unsigned char* into, std::size_t size, int milliseconds) const;

  const fido_dev_io* wire_;
  void* handle_;
  std::atomic<Moment::rep> end_;
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_KEY_LINE_H_
