#include "tests/support/software_security_key.h"

#include <fcntl.h>
#include <fido.h>
#include <sys/file.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <thread>

#include "authn/factors/usb_security_keys.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/support/ctaphid.h"

namespace sekisho::testing {
namespace {

using Fault = SoftwareKeyFault;

constexpr std::chrono::milliseconds kKeepAlive{50};
constexpr std::chrono::seconds kHearing{2};
constexpr std::chrono::seconds kTestGivesUp{10};
constexpr std::size_t kLongestFile = 1 << 20;

// libfido2 opens a key by its path alone, without a word from us.
std::mutex keys_mutex;
std::map<std::string, SoftwareSecurityKey*>& keys_by_path() {
  static std::map<std::string, SoftwareSecurityKey*> keys;
  return keys;
}

std::string new_path(const std::string& file) {
  static std::atomic<int> count = 0;  // a file may be opened as a key more than once
  return "software:" + std::to_string(++count) + ":" + file;
}

// Held while a key's file is read, changed and written.
UniqueFd locked(const std::string& file) {
  UniqueFd lock(open((file + ".lock").c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0666));
  if (!lock.valid() || flock(lock.get(), LOCK_EX) != 0) {
    throw std::runtime_error("cannot lock " + file);
  }
  return lock;
}

SoftwareKeyState read_state(const std::string& file) {
  if (!std::filesystem::exists(file)) return {};
  const Result<std::string> text = read_file(file, kLongestFile);
  if (!text) throw std::runtime_error(text.error().message);
  return state_from(*text);
}

}  // namespace

// One opening of a key.  A thread of its own answers what is written, so that a cancellation can
// be written while the key waits for a touch.  Everything is guarded by the key's mutex.
class SoftwareKeyWire {
 public:
  explicit SoftwareKeyWire(SoftwareSecurityKey& key) : key_(key), worker_([this] { work(); }) {}

  ~SoftwareKeyWire() {
    {
      const std::lock_guard lock(key_.mutex_);
      is_closing_ = true;
      key_.changed_.notify_all();
    }
    worker_.join();
  }

  static void* open(const char* path) {
    SoftwareSecurityKey* key = nullptr;
    {
      const std::lock_guard lock(keys_mutex);
      const auto found = keys_by_path().find(path);
      if (found == keys_by_path().end()) return nullptr;
      key = found->second;
    }
    return key->state().is_attached ? new SoftwareKeyWire(*key) : nullptr;
  }

  static void close(void* wire) { delete static_cast<SoftwareKeyWire*>(wire); }

  static int read(void* wire, unsigned char* into, std::size_t size, int milliseconds) {
    return static_cast<SoftwareKeyWire*>(wire)->read(into, size, milliseconds);
  }

  static int write(void* wire, const unsigned char* from, std::size_t size) {
    return static_cast<SoftwareKeyWire*>(wire)->write({from, size});
  }

 private:
  enum class Touch { kTouched, kCancelled, kUnplugged, kClosed };

  int read(unsigned char* into, std::size_t size, int milliseconds) {
    std::unique_lock lock(key_.mutex_);
    const auto has_news = [this] { return !outbox_.empty() || is_unplugged_ || babble_; };
    if (milliseconds < 0) {
      key_.changed_.wait(lock, has_news);
    } else if (!key_.changed_.wait_for(lock, std::chrono::milliseconds(milliseconds), has_news)) {
      return -1;
    }
    if (is_unplugged_ || size != kReportBytes) return -1;
    if (outbox_.empty()) {
      std::ranges::copy(*babble_, into);
      return static_cast<int>(size);
    }
    std::ranges::copy(outbox_.front(), into);
    outbox_.pop_front();
    return static_cast<int>(size);
  }

  int write(ByteView report) {
    std::unique_lock lock(key_.mutex_);
    ++key_.reports_heard_;
    if (is_unplugged_ || report.size() != kReportBytes + 1) return -1;
    std::optional<HidMessage> message = assembler_.add(report.subspan(1));
    if (message && message->command == HidCommand::kCancel) {
      is_cancelled_ = is_blinking_;
      if (key_.load().has(Fault::kHardOfHearing)) {
        key_.changed_.wait_for(
            lock, kHearing, [this, touches = key_.touches_] { return key_.touches_ != touches; });
      }
    } else if (message) {
      inbox_.push_back(std::move(*message));
    }
    key_.changed_.notify_all();
    return static_cast<int>(report.size());
  }

  void work() {
    std::unique_lock lock(key_.mutex_);
    for (;;) {
      key_.changed_.wait(lock, [this] { return is_closing_ || !inbox_.empty(); });
      if (is_closing_) return;
      const HidMessage message = std::move(inbox_.front());
      inbox_.pop_front();
      const SoftwareKeyState state = key_.load();
      if (!state.is_attached) {
        unplug();
      } else if (!state.has(Fault::kSilent)) {
        answer(message, state, lock);
      }
    }
  }

  void answer(const HidMessage& message, const SoftwareKeyState& state,
              std::unique_lock<std::mutex>& lock) {
    if (message.command == HidCommand::kInit) {
      say({.channel = message.channel,
           .command = HidCommand::kInit,
           .payload = initiated(message.payload, state)});
    } else if (message.command == HidCommand::kCbor && state.speaks_ctap2) {
      if (const std::optional<Bytes> told = answer_to(message, lock)) {
        say({.channel = message.channel, .command = HidCommand::kCbor, .payload = *told});
      }
    } else {
      say({.channel = message.channel, .command = HidCommand::kError, .payload = {0x01}});
    }
  }

  // Section 11.2.9.1.3: nonce, a channel, the protocol's version, ours, what we can do.
  static Bytes initiated(Bytes nonce, const SoftwareKeyState& state) {
    nonce.resize(8);
    for (const int byte : {0, 0, 0, 1, 2, 1, 0, 0}) {
      nonce.push_back(static_cast<std::uint8_t>(byte));
    }
    nonce.push_back(state.speaks_ctap2 ? 0x0c : 0x00);  // CBOR, and no MSG
    return nonce;
  }

  // nullopt when there is nobody to answer, or nothing to answer with.
  std::optional<Bytes> answer_to(const HidMessage& message, std::unique_lock<std::mutex>& lock) {
    std::optional<Bytes> told = ask(message.payload, false);
    if (told) return told;
    const SoftwareKeyState state = key_.load();
    if (state.has(Fault::kTouchTimesOut)) return answer_of(CtapStatus::kUserActionTimeout);
    if (state.has(Fault::kUnpluggedHalfway)) {
      key_.change_locked([](SoftwareKeyState& mine) { mine.is_attached = false; });
      unplug();
      return std::nullopt;
    }
    switch (wait_for_touch(message.channel, lock)) {
      case Touch::kCancelled:
        return answer_of(CtapStatus::kKeepAliveCancel);
      case Touch::kUnplugged:
        unplug();
        return std::nullopt;
      case Touch::kClosed:
        return std::nullopt;
      case Touch::kTouched:
        break;
    }
    if (state.has(Fault::kGarbage)) return Bytes{0x00, 0xff, 0x13, 0x37};
    return ask(message.payload, true);
  }

  std::optional<Bytes> ask(const Bytes& command, bool is_touched) {
    std::optional<Bytes> told;
    key_.change_locked(
        [&](SoftwareKeyState& state) { told = key_.mind_.answer(command, state, is_touched); });
    return told;
  }

  Touch wait_for_touch(const Channel& channel, std::unique_lock<std::mutex>& lock) {
    const int touches = key_.touches_;
    is_cancelled_ = false;
    is_blinking_ = true;
    std::optional<Touch> end;
    const HidMessage waits{
        .channel = channel, .command = HidCommand::kKeepAlive, .payload = {0x02}};
    if (key_.load().has(Fault::kBabbling)) babble_ = reports_of(waits).front();
    while (!(end = end_of_wait(touches))) {
      if (!key_.load().is_blinking) show_blinking(true);
      if (!key_.load().has(Fault::kDeaf)) say(waits);
      key_.changed_.wait_for(lock, kKeepAlive, [&] {
        return is_closing_ || is_cancelled_ || key_.touches_ != touches;
      });
      if (is_deaf(key_.load())) is_cancelled_ = false;
    }
    is_blinking_ = false;
    babble_.reset();
    if (key_.load().is_blinking) show_blinking(false);
    return *end;
  }

  void show_blinking(bool is_on) {
    key_.change_locked([is_on](SoftwareKeyState& state) { state.is_blinking = is_on; });
    key_.changed_.notify_all();
  }

  static bool is_deaf(const SoftwareKeyState& state) {
    return state.has(Fault::kDeaf) || state.has(Fault::kBabbling);
  }

  std::optional<Touch> end_of_wait(int touches) const {
    const SoftwareKeyState state = key_.load();
    if (is_closing_) return Touch::kClosed;
    if (!state.is_attached) return Touch::kUnplugged;
    if (is_cancelled_) return Touch::kCancelled;
    const bool is_slow = state.has(Fault::kSlowTouch) || is_deaf(state);
    if (!is_slow || key_.touches_ != touches) return Touch::kTouched;
    return std::nullopt;
  }

  void say(const HidMessage& message) {
    for (const Report& report : reports_of(message)) outbox_.push_back(report);
    key_.changed_.notify_all();
  }

  void unplug() {
    is_unplugged_ = true;
    key_.changed_.notify_all();
  }

  SoftwareSecurityKey& key_;
  HidAssembler assembler_;
  std::deque<HidMessage> inbox_;
  std::deque<Report> outbox_;
  std::optional<Report> babble_;  // said again and again
  bool is_closing_ = false;
  bool is_unplugged_ = false;
  bool is_blinking_ = false;
  bool is_cancelled_ = false;
  std::thread worker_;  // last: it uses the others
};

namespace {

class SoftwarePorts final : public authn::KeyPorts {
 public:
  explicit SoftwarePorts(std::vector<SoftwareSecurityKey*> keys) : keys_(std::move(keys)) {}
  // Ports that own their keys.
  explicit SoftwarePorts(std::vector<std::unique_ptr<SoftwareSecurityKey>> keys)
      : owned_(std::move(keys)) {
    for (const auto& key : owned_) keys_.push_back(key.get());
  }

  std::vector<authn::AttachedKey> attached() override {
    std::vector<authn::AttachedKey> found;
    for (SoftwareSecurityKey* key : keys_) {
      SoftwareKeyState state = key->state();
      if (state.is_attached) found.push_back({key->path(), std::move(state.product)});
    }
    return found;
  }

  const fido_dev_io* io() const override {
    static constexpr fido_dev_io_t kIo{SoftwareKeyWire::open, SoftwareKeyWire::close,
                                       SoftwareKeyWire::read, SoftwareKeyWire::write};
    return &kIo;
  }

 private:
  std::vector<std::unique_ptr<SoftwareSecurityKey>> owned_;
  std::vector<SoftwareSecurityKey*> keys_;
};

}  // namespace

SoftwareSecurityKey::SoftwareSecurityKey() : SoftwareSecurityKey(std::string()) {}

SoftwareSecurityKey::SoftwareSecurityKey(std::string file)
    : file_(std::move(file)), path_(new_path(file_)) {
  const std::lock_guard lock(keys_mutex);
  keys_by_path()[path_] = this;
}

SoftwareSecurityKey::~SoftwareSecurityKey() {
  const std::lock_guard lock(keys_mutex);
  keys_by_path().erase(path_);
}

SoftwareKeyState SoftwareSecurityKey::load() const {
  return file_.empty() ? state_ : read_state(file_);
}

void SoftwareSecurityKey::change_locked(const std::function<void(SoftwareKeyState&)>& how) {
  if (file_.empty()) return how(state_);
  const UniqueFd lock = locked(file_);
  SoftwareKeyState state = read_state(file_);
  const std::string before = text_of(state);
  how(state);
  const std::string after = text_of(state);
  if (after == before && std::filesystem::exists(file_)) return;
  // Several users of one machine (the desk's and the agent's) may share the key.
  const Result<void> written = write_file_durably(file_, after, 0666);
  if (!written) throw std::runtime_error(written.error().message);
}

SoftwareKeyState SoftwareSecurityKey::state() {
  const std::lock_guard lock(mutex_);
  return load();
}

void SoftwareSecurityKey::change(const std::function<void(SoftwareKeyState&)>& how) {
  const std::lock_guard lock(mutex_);
  change_locked(how);
  changed_.notify_all();
}

void SoftwareSecurityKey::add(SoftwareKeyFault fault) {
  change([fault](SoftwareKeyState& state) { state.faults.insert(fault); });
}

void SoftwareSecurityKey::remove(SoftwareKeyFault fault) {
  change([fault](SoftwareKeyState& state) { state.faults.erase(fault); });
}

void SoftwareSecurityKey::unplug() {
  change([](SoftwareKeyState& state) { state.is_attached = false; });
}

void SoftwareSecurityKey::replug() {
  change([](SoftwareKeyState& state) {
    state.is_attached = true;
    state.wrong_in_a_row = 0;
  });
}

void SoftwareSecurityKey::touch() {
  const std::lock_guard lock(mutex_);
  ++touches_;
  changed_.notify_all();
}

bool SoftwareSecurityKey::wait_until_it_blinks() {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kTestGivesUp, [this] { return load().is_blinking; });
}

int SoftwareSecurityKey::reports_heard() {
  const std::lock_guard lock(mutex_);
  return reports_heard_;
}

std::unique_ptr<authn::KeyPorts> software_ports(std::vector<SoftwareSecurityKey*> keys) {
  return std::make_unique<SoftwarePorts>(std::move(keys));
}

std::unique_ptr<authn::SecurityKeys> software_security_keys_from_environment() {
  std::vector<std::unique_ptr<SoftwareSecurityKey>> keys;
  const char* const files = std::getenv("SEKISHO_SOFTWARE_KEYS");
  for (const std::string_view file : split(files == nullptr ? "" : files, ':')) {
    if (!file.empty()) keys.push_back(std::make_unique<SoftwareSecurityKey>(std::string(file)));
  }
  return std::make_unique<authn::UsbSecurityKeys>(std::make_unique<SoftwarePorts>(std::move(keys)));
}

}  // namespace sekisho::testing
