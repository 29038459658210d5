#include "base/secret_input.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <array>

#include "base/file.h"

namespace sekisho {
namespace {

volatile sig_atomic_t interrupted = 0;

void note_interrupt(int) {
  interrupted = 1;
}

// While it lives, signals that would end the process only interrupt the read, so that the
// terminal gets its echo back.
class InterruptGuard {
 public:
  InterruptGuard() {
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = &note_interrupt;  // without SA_RESTART: read returns EINTR
    ::sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      ::sigaction(kSignals[i], &action, &before_[i]);
  }
  ~InterruptGuard() {
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      ::sigaction(kSignals[i], &before_[i], nullptr);
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  static constexpr std::array<int, 4> kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  std::array<struct sigaction, 4> before_{};
};

class EchoGuard {
 public:
  explicit EchoGuard(int terminal) : terminal_(terminal) {
    is_changed_ = ::tcgetattr(terminal_, &before_) == 0;
    if (!is_changed_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_changed_ = ::tcsetattr(terminal_, TCSAFLUSH, &quiet) == 0;
  }
  ~EchoGuard() {
    if (is_changed_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  EchoGuard(const EchoGuard&) = delete;
  EchoGuard& operator=(const EchoGuard&) = delete;
  bool is_quiet() const { return is_changed_; }

 private:
  int terminal_;
  termios before_{};
  bool is_changed_ = false;
};

// A line of `file`, byte by byte, so that nothing of the next line is taken.
Result<Secret> secret_line(int file) {
  std::array<char, kSecretLineLimit> line;
  std::size_t size = 0;
  Result<Secret> outcome = Secret();
  while (true) {
    char byte = 0;
    const ssize_t got = ::read(file, &byte, 1);
    if (got < 0 && errno == EINTR && interrupted == 0) continue;
    if (got < 0) {
      outcome = interrupted != 0 ? fail(ErrorCode::kUnavailable, "cancelled")
                                 : fail(error_from_errno("cannot read the secret"));
      break;
    }
    if (got == 0 || byte == '\n') break;
    if (size == line.size()) {
      outcome = fail(ErrorCode::kInvalid, "the line is too long");
      break;
    }
    line[size++] = byte;
  }
  if (size > 0 && line[size - 1] == '\r') --size;
  if (outcome) outcome = Secret(std::string_view(line.data(), size));
  ::explicit_bzero(line.data(), line.size());
  return outcome;
}

void write_to(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(file, text.data(), text.size());
    if (put <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

}  // namespace

Result<Secret> secret_from_stdin() {
  Result<Secret> line = secret_line(STDIN_FILENO);
  if (line && line->empty()) return fail(ErrorCode::kInvalid, "standard input is empty");
  return line;
}

Result<Secret> secret_from_terminal(std::string_view prompt, std::string_view without_terminal) {
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.valid()) {
    return fail(ErrorCode::kUnavailable, std::string(without_terminal));
  }
  const InterruptGuard interrupts;
  const EchoGuard echo(terminal.get());
  if (!echo.is_quiet()) {
    return fail(ErrorCode::kUnavailable, "the terminal cannot hide what is typed");
  }
  write_to(terminal.get(), prompt);
  Result<Secret> line = secret_line(terminal.get());
  write_to(terminal.get(), "\n");
  if (line && line->empty()) return fail(ErrorCode::kUnavailable, "cancelled");
  return line;
}

}  // namespace sekisho
