#include "authn/factors/key_line.h"

#include <fido.h>

#include <algorithm>

#include "authn/factors/hidraw.h"

namespace sekisho::authn {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long a change of the moment may go unnoticed.
constexpr milliseconds kSlice{100};

// What this thread is opening: libfido2 hands nothing but the path on.
struct Pending {
  const fido_dev_io* wire;
  KeyLine::Moment end;
  KeyLine* line;
};
thread_local Pending* pending = nullptr;

}  // namespace

int KeyLine::open(fido_dev* device, const std::string& path, const fido_dev_io* wire, Moment end,
                  KeyLine*& line) {
  static constexpr fido_dev_io_t kIo{&KeyLine::open_pending, &KeyLine::close, &KeyLine::read,
                                     &KeyLine::write};
  if (const int error = fido_dev_set_io_functions(device, &kIo); error != FIDO_OK) return error;
  Pending mine{wire == nullptr ? hidraw() : wire, end, nullptr};
  pending = &mine;
  const int error = fido_dev_open(device, path.c_str());
  pending = nullptr;
  if (error == FIDO_OK) line = mine.line;
  return error == FIDO_OK && mine.line == nullptr ? FIDO_ERR_INTERNAL : error;
}

KeyLine::~KeyLine() {
  wire_->close(handle_);
}

void KeyLine::end_no_later_than(Moment end) {
  const Moment::rep wanted = end.time_since_epoch().count();
  Moment::rep now = end_.load();
  while (wanted < now && !end_.compare_exchange_weak(now, wanted)) {
  }
}

void* KeyLine::open_pending(const char* path) {
  if (pending == nullptr) return nullptr;
  void* const handle = pending->wire->open(path);
  if (handle == nullptr) return nullptr;
  pending->line = new KeyLine(pending->wire, handle, pending->end);
  return pending->line;
}

void KeyLine::close(void* line) {
  delete static_cast<KeyLine*>(line);
}

int KeyLine::read(void* line, unsigned char* into, std::size_t size, int milliseconds) {
  return static_cast<KeyLine*>(line)->read(into, size, milliseconds);
}

int KeyLine::write(void* line, const unsigned char* from, std::size_t size) {
  const KeyLine& own = *static_cast<KeyLine*>(line);
  if (steady_clock::now() >= own.end()) return -1;
  return own.wire_->write(own.handle_, from, size);
}

int KeyLine::read(unsigned char* into, std::size_t size, int milliseconds) const {
  const Moment asked = milliseconds < 0
                           ? Moment::max()
                           : steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (true) {
    const Moment start = steady_clock::now();
    const Moment until = std::min(asked, end());
    if (start >= until) return -1;
    const auto slice =
        std::min(kSlice, std::chrono::ceil<std::chrono::milliseconds>(until - start));
    const int got = wire_->read(handle_, into, size, static_cast<int>(slice.count()));
    if (got >= 0) return got;
    // Nothing came in this slice, or, when it is not over, nothing ever will.
    if (steady_clock::now() - start < slice) return -1;
  }
}

}  // namespace sekisho::authn
